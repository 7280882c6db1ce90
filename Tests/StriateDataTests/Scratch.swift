import StriateCore
import StriateData

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of a test's own, taken away with what is in it.
final class Scratch {
  let path: String
  private var files: [String] = []
  private var folders: [String] = []

  init() throws {
    var template = Array("/tmp/striate-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp", number: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    for file in files { _ = unlink(file) }
    for folder in folders.reversed() { _ = rmdir(folder) }
    _ = rmdir(path)
  }

  /// Makes a link.
  func link(_ name: String, to target: String) throws {
    guard symlink(target, "\(path)/\(name)") == 0 else {
      throw SystemFailure("symlink", number: errno)
    }
    files.append("\(path)/\(name)")
  }

  /// Writes a file, making the folders it is in, and returns its path.
  @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      if mkdir(folder, 0o700) == 0 { folders.append(folder) }
    }
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw SystemFailure("open", number: errno) }
    defer { _ = close(descriptor) }
    files.append(file)
    guard writeAll(descriptor, bytes) == bytes.count else {
      throw SystemFailure("write", number: errno)
    }
    return file
  }
}

private func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Int {
  write(descriptor, bytes, bytes.count)
}

/// An IDX file of bytes.
func idx(_ dims: [Int], _ bytes: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(dims.count)]
    + dims.flatMap { dim in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dim >> $0) } } + bytes
}

/// The checksum of gzip and PNG.
func crc32(_ content: some Sequence<UInt8>) -> UInt32 {
  var crc: UInt32 = .max
  for byte in content {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~crc
}

/// A gzip member that stores its content as it is.
func gzip(_ content: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = content[...]
  repeat {
    let piece = rest.prefix(65535)
    rest = rest.dropFirst(piece.count)
    let length = UInt16(piece.count)
    result += [rest.isEmpty ? 1 : 0]
    result += [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + piece
  } while !rest.isEmpty
  for word in [crc32(content), UInt32(content.count)] {
    result += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
  return result
}

/// A data set of the given size whose values tell the sample; it can be told to fail.
struct Numbers: SampleDataset {
  struct Failure: Error {}
  var count = 50
  var failing: Int?
  let inputShape: Shape = [1, 2]
  let classNames: [String] = []

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    if index == failing { throw Failure() }
    return ([Float(index), -Float(index)], index)
  }
}
