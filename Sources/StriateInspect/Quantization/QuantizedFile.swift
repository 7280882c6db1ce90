import StriateCore
import StriateFormats
import StriateIR
import StriateTraining

/// A quantised network in a safetensors file.
///
/// Of each quantised layer `NAME.weight` (int8), `NAME.weight_scale` (f32, one a filter) and perhaps
/// `NAME.bias` (f32, batch norm folded in); of other layers their parameters. The text `quantization` beside
/// those of other weights' files says how numbers are written between the layers, and how that was found.
public enum QuantizedFile {
  /// The name of the text.
  static let key = "quantization"
  static let version = 1

  /// Writes a quantised network.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public static func write(
    _ result: Quantizer.Result, by quantizer: Quantizer, data: String,
    metadata: WeightsMetadata, model: String, to path: String
  ) throws {
    var texts = metadata.texts
    texts["model"] = model
    let how: JSON = [
      "version": JSON(version), "method": JSON(quantizer.method.rawValue),
      "percentile": quantizer.method == .percentile ? JSON(quantizer.percentile) : .null,
      "samples": JSON(result.samples), "data": JSON(data), "kept": JSON(result.kept),
      "layers": .array(result.layers.map(\.json)),
    ]
    texts[key] = how.text()
    try Safetensors.write(result.tensors, metadata: texts, to: path)
  }

  /// Whether a file's texts say that it holds a quantised network.
  static func isQuantized(_ texts: [String: String]) -> Bool { texts[key] != nil }

  /// The network of a file.
  ///
  /// - Throws: `InspectError` or `FormatError` where the file does not say what is needed, or does not fit.
  static func model(
    _ base: any Layer, _ content: Safetensors.Content, input: Shape, path: String
  ) throws -> QuantizedModel {
    let json = try? content.metadata[key].map { try JSON(parsing: $0) }
    guard json?["version"]?.int == version, let list = json?["layers"]?.array else {
      throw InspectError(
        .mismatch,
        "\(path): its text '\(key)' is not of version \(version); quantise the network anew")
    }
    let layers = list.compactMap(QuantizedLayer.init)
    guard layers.count == list.count, Set(layers.map(\.name)).count == list.count else {
      throw InspectError(.mismatch, "\(path): its text '\(key)' does not describe every layer once")
    }
    try check(layers, content.tensors, path)
    let model = QuantizedModel(base, layers: layers, tensors: content.tensors)
    let type = TensorType(.float32, Shape([1] + input.dims))
    let expected = try Graph.inference(of: model, input: type)
    try LoadReport(
      content.tensors, expected: expected.states.map { ($0.name, expected.type($0.value)) }
    ).requireComplete(path: path)
    return model
  }

  /// Refuses filters and scales of the wrong kind; their extents are the op's to judge.
  private static func check(
    _ layers: [QuantizedLayer], _ tensors: NamedTensors, _ path: String
  ) throws {
    for layer in layers {
      let names = layer.tensorNames
      let wanted = [(names.weight, DType.int8), (names.scale, .float32), (names.bias, .float32)]
      for (name, dtype) in wanted {
        guard let tensor = tensors[name] else {
          if name == names.bias { continue }
          throw InspectError(.mismatch, "\(path): the quantised layer \(layer.name) lacks \(name)")
        }
        guard tensor.dtype == dtype else {
          throw InspectError(.mismatch, "\(path): \(name) should be \(dtype), found \(tensor.type)")
        }
        if let number = tensor.firstNonFinite {
          throw InspectError(.mismatch, "\(path): \(name) holds \(number)")
        }
      }
    }
  }
}
