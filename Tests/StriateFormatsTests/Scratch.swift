import StriateCore
import StriateFormats

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

  init() throws {
    var template = Array("/tmp/striate-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp", number: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    for name in names { _ = unlink("\(path)/\(name)") }
    _ = rmdir(path)
  }

  /// What is in the folder.
  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { _ = closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// Tensors of every element type.
func everyType() throws -> NamedTensors {
  [
    "w": try HostTensor([1, -2.5, .infinity, 0, -0.0, 3] as [Float], shape: [2, 3]),
    "a.double": try HostTensor([1, 2] as [Double], shape: [2, 1]),
    "labels": HostTensor([1, -1] as [Int32]),
    "steps": HostTensor(scalar: 7 as Int64),
    "bytes": HostTensor([1, 2, 3] as [UInt8]),
    "signed": HostTensor([-128, 127, 0] as [Int8]),
    "mask": HostTensor([true, false, true]),
    "empty": try HostTensor([] as [Float], shape: [0, 4]),
    "b.weight": HostTensor([9, 8] as [Float]),
  ]
}
