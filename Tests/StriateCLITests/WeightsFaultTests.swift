import Foundation
import Striate
import Testing

/// Weights that lie, end too early or do not fit: one line that names the file and what is wrong.
@Suite struct WeightsFaultTests {
  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var says: [String]
    var model: String?
    var metadata: [String: String] = [:]
    var tensors: @Sendable (inout NamedTensors) throws -> Void = { _ in }
    /// Changes the file's bytes.
    var bytes: @Sendable (inout [UInt8]) -> Void = { _ in }

    init(_ description: String, _ says: String...) {
      self.description = description
      self.says = says
    }

    func tensors(_ change: @escaping @Sendable (inout NamedTensors) throws -> Void) -> Case {
      var result = self
      result.tensors = change
      return result
    }

    func bytes(_ change: @escaping @Sendable (inout [UInt8]) -> Void) -> Case {
      var result = self
      result.bytes = change
      return result
    }

    func metadata(_ name: String, _ text: String) -> Case {
      var result = self
      result.metadata[name] = text
      return result
    }

    func model(_ name: String) -> Case {
      var result = self
      result.model = name
      return result
    }
  }

  /// The header as text, changed, with the length that it then has.
  private static func header(_ bytes: inout [UInt8], _ change: (inout String) -> Void) {
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    var text = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
    change(&text)
    bytes.replaceSubrange(0..<(8 + length), with: self.length(text.utf8.count) + text.utf8)
  }

  private static func length(_ count: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  }

  /// Swaps the first such text for another.
  private static func swap(_ old: String, _ new: String) -> @Sendable (inout [UInt8]) -> Void {
    { bytes in
      header(&bytes) { text in
        if let range = text.range(of: old) { text.replaceSubrange(range, with: new) }
      }
    }
  }

  static let cases: [Case] = [
    Case("empty", "at least 8 bytes").bytes { $0 = [] },
    Case("no header", "at least 8 bytes").bytes { $0 = [1, 2, 3] },
    Case("a header of 2⁶³ bytes", "header").bytes { $0[7] = 0x80 },
    Case("a header of 2⁶⁴ − 1 bytes", "header").bytes {
      $0.replaceSubrange(0..<8, with: [UInt8](repeating: 255, count: 8))
    },
    Case("a header longer than the file", "header should end").bytes { bytes in
      bytes.replaceSubrange(0..<8, with: length(bytes.count - 7))
    },
    Case("a header of nothing", "header").bytes { bytes in
      bytes.replaceSubrange(0..<8, with: length(0))
    },
    Case("a header that is no JSON", "header is damaged").bytes { $0[8] = UInt8(ascii: "x") },
    Case("a header that is no object", "not a JSON object").bytes { bytes in
      header(&bytes) { $0 = "[1,2,3]" }
    },
    Case("cut off in the tensors", "byte").bytes { $0.removeLast($0.count / 2) },
    Case("cut off by a byte", "byte").bytes { $0.removeLast() },
    Case("a byte too many", "byte").bytes { $0.append(0) },
    Case("a tensor of other extents than bytes", "does not take the bytes")
      .bytes(swap("[6]", "[7]")),
    Case("extents beyond all numbers", "does not take the bytes")
      .bytes(swap("[6]", "[9223372036854775807,9223372036854775807]")),
    Case("negative extents", "extent").bytes(swap("[6]", "[-6]")),
    Case("elements of other sizes", "does not take the bytes")
      .bytes(swap("\"F32\"", "\"F8_E4M3\"")),
    Case("complex elements", "C64").tensors { $0["conv1.bias"] = HostTensor(scalar: 0 as Double) }
      .bytes(swap("\"F64\",\"shape\":[]", "\"C64\",\"shape\":[]")),
    Case("offsets beyond the file", "byte").bytes { bytes in
      header(&bytes) { text in
        text = text.replacing(/"data_offsets":\[0,(\d+)\]/) {
          "\"data_offsets\":[1099511627776,\(1_099_511_627_776 + (Int($0.1) ?? 0))]"
        }
      }
    },
    Case("a missing tensor", "missing: fc2.weight").tensors { $0["fc2.weight"] = nil },
    Case("another name", "missing: fc2.weight", "unexpected: fc2.wieght, meant as fc2.weight?")
      .tensors {
        $0["fc2.wieght"] = $0["fc2.weight"]
        $0["fc2.weight"] = nil
      },
    Case("another shape", "wrong shape: fc1.weight is f32[", "expected f32[").tensors {
      $0["fc1.weight"] = HostTensor(zeros: TensorType(.float32, [3, 5]))
    },
    Case("another type", "wrong type: conv1.bias is i32[6], expected f32[6]").tensors {
      $0["conv1.bias"] = HostTensor(zeros: TensorType(.int32, [6]))
    },
    Case("nothing in it", "missing: conv1.weight", "more").tensors { $0 = NamedTensors() },
    Case("a classifier without extents", "fc3.bias").tensors {
      $0["fc3.bias"] = HostTensor(zeros: TensorType(.float32, .scalar))
    },
    Case("a classifier without classes", "fc3").tensors {
      $0["fc3.bias"] = HostTensor(zeros: TensorType(.float32, [0]))
    },
    Case("a classifier of endless classes", "fc3").tensors {
      $0["fc3.bias"] = HostTensor(zeros: TensorType(.float32, [1 << 50, 0]))
    },
    Case("another network's", "do not fit the network", "wrong shape").model("lenet-300-100"),
    Case("of an unknown network", "no model named 'lenet6'", "lenet5").metadata("model", "lenet6"),
  ]

  @Test(arguments: cases, ["eval", "predict"])
  func weightsFault(_ row: Case, _ verb: String) throws {
    let data = try SmallData()
    let weights = try SmallWeights(data, metadata: row.metadata, row.tensors)
    try data.change("weights.safetensors", row.bytes)
    let outcome = try CommandLineProgram.run(weights.arguments(verb, model: row.model))
    let isName = row.metadata["model"] != nil
    expectFault(outcome, isName ? 2 : 1, row.says + (isName ? [] : [weights.path]))
    #expect(outcome.output.isEmpty)
  }

  /// The rows above fail for the reason that they name, not for another.
  @Test(arguments: ["eval", "predict"]) func soundWeightsAnswer(_ verb: String) throws {
    let weights = try SmallWeights(SmallData())
    let outcome = try CommandLineProgram.run(weights.arguments(verb) + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.json != nil)
  }

  /// What the file says beside the tensors is not believed either.
  @Test(arguments: [
    "[]", "[0,0,0]", "[1,4,4]", "[-1,12,12]", "[1,99999999,99999999]",
    "[9223372036854775807,9223372036854775807,9223372036854775807]", "[1,12,12,12,12]", "12", "{",
  ])
  func inputShapesThatLieAreRefused(_ shape: String) throws {
    let data = try SmallData()
    let weights = try SmallWeights(data, metadata: ["input": shape])
    let outcome = try CommandLineProgram.run(weights.arguments("predict"))
    expectFault(outcome, 1, [])
    #expect(outcome.output.isEmpty)
  }

  @Test func emptyRunFolderIsNamed() throws {
    let data = try SmallData()
    let folder = data.path("run")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/best", withDestinationPath: "step-000007")
    for verb in ["eval", "predict"] {
      let outcome = try CommandLineProgram.run(
        [
          verb, "--weights", folder, "--data", data.name,
        ] + (verb == "predict" ? ["--index", "0"] : []))
      expectFault(outcome, 1, [folder, "no checkpoint"])
    }
  }
}
