import StriateCPU
import StriateCore
import StriateFormats
import StriateIR
import StriateInspect
import StriateModels
import StriateRuntime
import StriateTestSupport
import Testing

/// Weights under the names of timm, Keras, old and wrapped networks, as Tools/goldens/foreign.py writes them.
@Suite struct ForeignNamesTests {
  private static let folder = InputFile.environment("STRIATE_FOREIGN") ?? ""

  /// The names and shapes of a file: those of networks without very large layers.
  struct File: CustomTestStringConvertible, Sendable {
    var convention: String
    var model: String
    var tensors: [(name: String, shape: Shape)]
    var testDescription: String { "\(convention) \(model)" }
  }

  static let files: [File] = {
    guard let bytes = try? InputFile.contents("\(Golden.folder)/foreign.json"),
      let json = try? JSON(parsing: String(decoding: bytes, as: UTF8.self))
    else { return [] }
    return (json.array ?? []).map { entry in
      File(
        convention: entry["convention"]?.string ?? "", model: entry["model"]?.string ?? "",
        tensors: (entry["tensors"]?.array ?? []).compactMap(\.string).map { text in
          let parts = text.split(separator: ":", omittingEmptySubsequences: false)
          return (String(parts[0]), Shape(parts[1].split(separator: ",").compactMap { Int($0) }))
        })
    }
  }()

  @Test("every tensor is found once, with its shape", arguments: files)
  func everyTensorIsFound(_ file: File) throws {
    let naming = Naming(try Catalog.find(file.model).model())
    var tensors = NamedTensors()
    for (index, entry) in file.tensors.enumerated() {
      // What is large is not filled: its shape alone is looked at.
      tensors[entry.name] =
        entry.shape.count > 1 << 22
        ? HostTensor(zeros: TensorType(.float32, entry.shape))
        : try HostTensor(
          [Float](repeating: Float(index + 1), count: entry.shape.count), shape: entry.shape)
    }
    let (adapted, convention) = WeightNames.adapted(tensors, to: naming)
    let own = file.model == "resnet18" && file.convention == "timm" || file.model == "seresnet50"
    #expect(convention?.rawValue == (own ? nil : file.convention))
    var seen: Set<Float> = []
    for (path, parameter) in naming.parameters where !path.hasSuffix(".num_batches_tracked") {
      let found = try #require(adapted[path], "\(path)")
      #expect(found.shape == parameter.type.shape, "\(path)")
      let value = found.shape.count > 1 << 22 ? 0 : found.scalars(as: Float.self)[0]
      if value != 0, !path.hasSuffix("running_mean") {
        let isNew = seen.insert(value).inserted
        #expect(isNew, "\(path) is \(value) like another")
      }
    }
  }

  @Test func whatFollowsNoConventionIsLeft() throws {
    let naming = Naming(try Catalog.find("resnet18").model())
    var tensors = NamedTensors()
    for (path, parameter) in naming.parameters where path != "layer1.0.conv1.weight" {
      tensors["module.\(path)"] = HostTensor(zeros: parameter.type)
    }
    let (found, convention) = WeightNames.adapted(tensors, to: naming)
    #expect(convention == nil && found == tensors)
  }

  @Test(
    "Golden: weights of others answer as there",
    .enabled(if: !folder.isEmpty, "set STRIATE_FOREIGN to a folder that foreign.py wrote"),
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"), .serialized,
    arguments: files)
  func answers(_ file: File) throws {
    let stem = "\(Self.folder)/\(file.convention)-\(file.model)"
    let path = InputFile.exists("\(stem).npz") ? "\(stem).npz" : "\(stem).safetensors"
    let golden = try Safetensors.read("\(stem).golden").tensors
    let image = try #require(golden["input"])
    let trained = try TrainedModel(
      file.model, weights: path, input: Shape(Array(image.shape.dims.dropFirst())))
    let program = try Program(trained.model, input: image.type, on: #require(cpu))
    let logits = try program(image, state: program.state(trained.weights))
    let error = try agreement(logits, #require(golden["logits"]))
    #expect(error <= 1e-4, "\(file.testDescription) by \(error)")
    print("\(file.testDescription): \(Float(error))")
  }
}
