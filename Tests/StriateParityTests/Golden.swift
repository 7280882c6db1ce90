import StriateCore
import StriateFormats
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tensors that PyTorch made, from Tests/Goldens.
struct Golden {
  let tensors: NamedTensors

  /// Tests/Goldens.
  static let folder =
    "/" + "\(#filePath)".split(separator: "/").dropLast(2).joined(separator: "/") + "/Goldens"

  init(_ name: String) throws {
    tensors = try Safetensors.read("\(Golden.folder)/\(name).safetensors").tensors
  }

  subscript(name: String) -> HostTensor {
    get throws { try #require(tensors[name], "the golden has no tensor \(name)") }
  }

  /// The tensors whose names start with a prefix, without it.
  func under(_ prefix: String) -> [(name: String, value: HostTensor)] {
    tensors.filter { $0.name.hasPrefix(prefix + ".") }.map {
      (String($0.name.dropFirst(prefix.count + 1)), $0.value)
    }
  }
}
