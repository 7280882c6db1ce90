import StriateCPU
import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateRuntime
import StriateTestSupport
import Testing

/// Files of `torch.save` with whole networks, which Tools/goldens/zoo_files.py writes: too large to be kept.
@Suite struct ZooFileTests {
  private static let folder = InputFile.environment("STRIATE_ZOO_FILES") ?? ""

  @Test(
    "Golden: files of torchvision's networks load unchanged, and answer as there",
    .enabled(if: !folder.isEmpty, "set STRIATE_ZOO_FILES to a folder that zoo_files.py wrote"),
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"), .serialized,
    arguments: Catalog.all.map(\.id).filter { InputFile.exists("\(folder)/\($0).pth") })
  func file(_ id: String) throws {
    let tensors = try WeightsFile("\(Self.folder)/\(id).pth").whole()
    let model = try Catalog.find(id).model(classes: 10)
    let naming = Naming(model)
    let report = LoadReport(
      tensors, expected: naming.parameters.map { ($0.path, $0.parameter.type) })
    #expect(report.isExact, "\(report)")
    let golden = try Safetensors.read("\(Self.folder)/\(id).safetensors")
    let image = try #require(golden.tensors["input"])
    let program = try Program(model, input: image.type, on: #require(cpu))
    let logits = try program(image, state: program.state(tensors))
    let single = golden.metadata["single"].flatMap(Double.init) ?? 0
    let error = try agreement(logits, #require(golden.tensors["logits"]))
    #expect(error <= max(1e-4, 3 * single), "\(id) by \(error), PyTorch's float32 by \(single)")
  }
}
