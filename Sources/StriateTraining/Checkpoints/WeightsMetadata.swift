import StriateCore
import StriateData
import StriateFormats

/// What a user of trained weights needs to know beside them, as texts in their safetensors file.
public struct WeightsMetadata: Sendable, Hashable {
  /// The model, as the command line names it.
  public var model: String?
  /// The shape of one input, `[C, H, W]`.
  public var input: Shape?
  /// The names of the classes in the order of the answers.
  public var classes: [String]
  /// The mean that was subtracted from each channel; empty where it is not known.
  public var mean: [Float]
  /// The deviation that each channel was divided by; empty where it is not known.
  public var std: [Float]

  /// What the data of a training say.
  public init(_ data: DataSplits) {
    input = data.train.inputShape
    classes = data.train.classNames
    mean = data.mean
    std = data.std
  }

  /// What a file says; what is missing or not understood stays empty.
  public init(texts: [String: String]) {
    func list(_ name: String) -> [JSON] {
      texts[name].flatMap { try? JSON(parsing: $0) }?.array ?? []
    }
    model = texts["model"]
    let dims = list("input").compactMap(\.int)
    input = dims.isEmpty ? nil : Shape(dims)
    classes = list("classes").compactMap(\.string)
    mean = list("mean").compactMap(\.double).map { Float($0) }
    std = list("std").compactMap(\.double).map { Float($0) }
  }

  /// The texts in the file.
  public var texts: [String: String] {
    var texts: [String: String] = [:]
    texts["model"] = model
    texts["input"] = input.map { JSON.array($0.dims.map { JSON($0) }).text() }
    if !classes.isEmpty { texts["classes"] = JSON(classes).text() }
    if !mean.isEmpty { texts["mean"] = JSON.array(mean.map { JSON($0) }).text() }
    if !std.isEmpty { texts["std"] = JSON.array(std.map { JSON($0) }).text() }
    return texts
  }
}
