import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A TensorBoard event file that grows: `tensorboard --logdir FOLDER` shows what is in it.
///
/// Each record goes to the system as it is written, whole or, where the disk is full, with an error; nothing
/// is kept in memory.
public final class EventFileWriter {
  /// The file's path.
  public let path: String
  private let descriptor: Int32

  /// Begins a new file in a folder, named as TensorBoard looks for them:
  /// `events.out.tfevents.<time>.<host>.<process>`, later in order than those that are there.
  ///
  /// - Parameters:
  ///   - step: the first step that this part of the run makes; what earlier files hold of it and of later
  ///     steps no longer counts.
  /// - Throws: `FormatError` with the system's reason.
  public init(folder: String, firstStep step: Int) throws(FormatError) {
    var second = max(Int(Self.now), (Self.newest(in: folder) ?? 0) + 1)
    var found: (path: String, descriptor: Int32)?
    for _ in 0..<1000 where found == nil {
      let path = "\(folder)/\(Self.prefix)\(second).\(Self.host).\(getpid())"
      let opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
      if opened >= 0 {
        found = (path, opened)
      } else if errno != EEXIST {
        throw .unwritable(path, .last("open"))
      }
      second += 1
    }
    guard let found else {
      throw .unwritable("\(folder)/\(Self.prefix)", SystemFailure("open", number: EEXIST))
    }
    (path, descriptor) = found
    try append(TensorBoardEvent(time: Self.now, .version(TensorBoardEvent.fileVersion)))
    try append(TensorBoardEvent(time: Self.now, step: step, .start))
  }

  deinit { _ = close(descriptor) }

  /// Appends values after a step.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public func write(
    _ values: [TensorBoardEvent.Tagged], step: Int
  ) throws(FormatError) {
    try append(TensorBoardEvent(time: Self.now, step: step, .values(values)))
  }

  /// Brings the records to the disk.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public func sync() throws(FormatError) {
    if fsync(descriptor) != 0, errno != EINVAL { throw .unwritable(path, .last("fsync")) }
  }

  private func append(_ event: TensorBoardEvent) throws(FormatError) {
    do throws(SystemFailure) {
      try Descriptor.append(TFRecord.framed(event.encoded), to: descriptor)
    } catch {
      throw .unwritable(path, error)
    }
  }

  // MARK: Names

  /// What the name of every event file begins with.
  public static let prefix = "events.out.tfevents."

  /// The event files in a folder in the order in which they were begun; none where it cannot be read.
  public static func files(in folder: String) -> [String] {
    names(folder).filter { $0.hasPrefix(prefix) }.sorted {
      (second($0) ?? 0, $0) < (second($1) ?? 0, $1)
    }.map { "\(folder)/\($0)" }
  }

  private static func newest(in folder: String) -> Int? {
    names(folder).compactMap(second).max()
  }

  private static func second(_ name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count).prefix { $0 != "." }
    // A time beyond any that a clock shows is no time.
    return digits.count <= 12 ? Int(digits) : nil
  }

  private static func names(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    let text = String(
      decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let safe = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
    return safe.isEmpty ? "localhost" : safe
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
