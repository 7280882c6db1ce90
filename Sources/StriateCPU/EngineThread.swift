import CDNNL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The one thread on which a CPU device compiles and runs.
///
/// The library's OpenMP keeps a pool of threads for every thread that calls it, so all calls come from here and
/// callers wait. Handing over a run allocates nothing.
final class EngineThread: @unchecked Sendable {
  /// Size of the pool.
  let threads: Int
  private(set) var engine: dn_engine?
  private(set) var stream: dn_stream?

  private let lock = Lock()
  private let callers = Lock()
  private var work: Work = .none
  private var failure: (any Error)?
  private var isDone = true
  private var thread: pthread_t?

  private enum Work {
    case none
    case body(() -> Void)
    case run(CPUExecutable)
    case stop
  }

  init(threads: Int) throws(CPUError) {
    self.threads = threads
    var id = pthread_t(bitPattern: 0)
    let status = pthread_create(
      &id, nil, EngineThread.main, Unmanaged.passRetained(self).toOpaque())
    guard status == 0 else {
      Unmanaged.passUnretained(self).release()
      throw CPUError(.callFailed, "the engine's thread could not be started: error \(status)")
    }
    thread = id
    do {
      try perform { [unowned self] in
        dn_prepare_thread(Int32(threads))
        try check(dn_engine_create(&engine, 1, 0), "a CPU engine")
        try check(dn_stream_create(&stream, engine, 1), "a stream")
      }
    } catch let error as CPUError {
      throw error
    } catch {
      throw CPUError(.callFailed, "\(error)")
    }
  }

  /// Runs a closure on the engine's thread and waits.
  func perform<R>(_ body: () throws -> R) throws -> R {
    if let thread, pthread_equal(pthread_self(), thread) != 0 { return try body() }
    var result: Result<R, any Error>?
    withoutActuallyEscaping(body) { body in
      callers.locked {
        hand(.body { result = Result { try body() } })
      }
    }
    guard let result else { throw CPUError(.callFailed, "the engine's thread did not answer") }
    return try result.get()
  }

  /// Runs a bound executable and waits.
  func run(_ executable: CPUExecutable, _ bind: () throws -> Void) throws {
    callers.lock()
    defer { callers.unlock() }
    try bind()
    hand(.run(executable))
    if let failure {
      self.failure = nil
      throw failure
    }
  }

  private func hand(_ work: Work) {
    lock.lock()
    self.work = work
    isDone = false
    lock.signal()
    while !isDone { lock.wait() }
    lock.unlock()
  }

  private func loop() {
    lock.lock()
    while true {
      while isDone { lock.wait() }
      let next = work
      work = .none
      lock.unlock()
      var stops = false
      switch next {
      case .none: break
      case .body(let body): body()
      case .run(let executable):
        do { try executable.execute() } catch { failure = error }
      case .stop: stops = true
      }
      lock.lock()
      isDone = true
      lock.signal()
      if stops { break }
    }
    lock.unlock()
  }

  /// Ends the thread; the device cannot be used afterwards.
  func stop() {
    callers.locked { hand(.stop) }
    if let thread { pthread_join(thread, nil) }
  }

  #if os(Linux)
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
      {
        if let raw = $0 { Unmanaged<EngineThread>.fromOpaque(raw).takeRetainedValue().loop() }
        return nil
      }
  #else
    private static let main: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? =
      {
        Unmanaged<EngineThread>.fromOpaque($0).takeRetainedValue().loop()
        return nil
      }
  #endif
}

/// A mutex with a condition, at a fixed address.
final class Lock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
  func wait() { pthread_cond_wait(condition, mutex) }
  func signal() { pthread_cond_broadcast(condition) }

  func locked<R>(_ body: () throws -> R) rethrows -> R {
    lock()
    defer { unlock() }
    return try body()
  }
}
