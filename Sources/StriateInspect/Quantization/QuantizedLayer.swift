import StriateCore
import StriateFormats
import StriateIR

/// How one layer computes in integers: what stands in a quantised file beside its filters.
public struct QuantizedLayer: Sendable, Hashable {
  /// The layer's path.
  public var name: String
  /// What runs in its kernel.
  public var pattern: String
  /// How its input is written.
  public var input: Quantization
  /// How its result is written; nil where it is given as real numbers.
  public var output: Quantization?
  /// How what is added to it is written.
  public var residual: Quantization?

  /// The names of its tensors: int8 filters, a scale for each, the bias with batch norm folded in.
  var tensorNames: (weight: String, scale: String, bias: String) {
    ("\(name).weight", "\(name).weight_scale", "\(name).bias")
  }

  /// As it stands in the file.
  var json: JSON {
    var members: JSONObject = [
      "name": JSON(name), "pattern": JSON(pattern), "input": Self.json(input),
    ]
    if let output { members["output"] = Self.json(output) }
    if let residual { members["residual"] = Self.json(residual) }
    return .object(members)
  }

  private static func json(_ how: Quantization) -> JSON {
    ["dtype": JSON(how.dtype.rawValue), "scale": JSON(how.scale[0])]
  }

  init(
    name: String, pattern: String, input: Quantization, output: Quantization? = nil,
    residual: Quantization? = nil
  ) {
    self.name = name
    self.pattern = pattern
    self.input = input
    self.output = output
    self.residual = residual
  }

  /// Reads what stands in a file; nil where it is not understood.
  init?(_ json: JSON) {
    guard let name = json["name"]?.string, let pattern = json["pattern"]?.string,
      let input = json["input"].flatMap(Self.quantization)
    else { return nil }
    self.init(name: name, pattern: pattern, input: input)
    if let found = json["output"] {
      guard let how = Self.quantization(found) else { return nil }
      output = how
    }
    if let found = json["residual"] {
      guard let how = Self.quantization(found) else { return nil }
      residual = how
    }
  }

  private static func quantization(_ json: JSON) -> Quantization? {
    guard let scale = json["scale"]?.double, scale.isFinite, scale > 0,
      let dtype = json["dtype"]?.string.flatMap(DType.init(rawValue:)),
      dtype == .int8 || dtype == .uint8
    else { return nil }
    return Quantization(scale: scale, dtype: dtype)
  }
}
