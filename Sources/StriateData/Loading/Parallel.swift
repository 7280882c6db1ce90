/// Work in pieces on several threads.
enum Parallel {
  /// Calls the closure with every number from 0 to `count - 1`, in ranges, each once, on so many threads;
  /// the caller's is one of them.
  static func forEach(
    _ count: Int, threads: Int, piece: Int = 32, _ body: @escaping @Sendable (Range<Int>) -> Void
  ) {
    let counter = Counter()
    let work: @Sendable () -> Void = {
      while true {
        let start = counter.take(piece)
        guard start < count else { return }
        body(start..<min(start + piece, count))
      }
    }
    let wanted = min(threads, max(count, 0) / piece + 1) - 1
    let workers = (0..<max(wanted, 0)).compactMap { _ in WorkerThread(work) }
    work()
    for worker in workers { worker.join() }
  }

  /// Values that threads write under a lock.
  final class Guarded<Value>: @unchecked Sendable {
    private let lock = Condition()
    private var held: Value

    init(_ value: Value) { held = value }

    var value: Value { lock.locked { held } }
    func update(_ body: (inout Value) -> Void) { lock.locked { body(&held) } }
  }

  private final class Counter: @unchecked Sendable {
    private let lock = Condition()
    private var next = 0

    func take(_ count: Int) -> Int {
      lock.locked {
        next += count
        return next - count
      }
    }
  }
}
