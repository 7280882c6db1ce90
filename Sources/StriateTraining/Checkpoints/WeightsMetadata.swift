import StriateCore
import StriateData
import StriateFormats

/// What a user of trained weights needs to know beside them, as texts in their safetensors file.
public struct WeightsMetadata: Sendable, Hashable {
  /// The model, as the command line names it.
  public var model: String?
  /// The task that they were trained for; nil of a classifier.
  public var task: String?
  /// The shape of one input, `[C, H, W]`.
  public var input: Shape?
  /// The names of the classes in the order of the answers.
  public var classes: [String]
  /// The mean that was subtracted from each channel; empty where it is not known.
  public var mean: [Float]
  /// The deviation that each channel was divided by; empty where it is not known.
  public var std: [Float]
  /// How images become inputs; nil where it is not known, as with data that are none of images in files.
  public var preprocessing: Preprocessing?

  /// What the data and the task of a training say.
  public init(_ data: DataSplits, task: String? = nil) {
    self.task = task == "classify" ? nil : task
    input = data.train.inputShape
    classes = data.train.classNames
    mean = data.mean
    std = data.std
    preprocessing = data.preprocessing
  }

  /// What a file says; what is missing or not understood stays empty.
  public init(texts: [String: String]) {
    func list(_ name: String) -> [JSON] {
      texts[name].flatMap { try? JSON(parsing: $0) }?.array ?? []
    }
    model = texts["model"]
    task = texts["task"]
    let dims = list("input").compactMap(\.int)
    input = dims.isEmpty ? nil : Shape(dims)
    classes = list("classes").compactMap(\.string)
    mean = list("mean").compactMap(\.double).map { Float($0) }
    std = list("std").compactMap(\.double).map { Float($0) }
    preprocessing = Self.preprocessing(
      texts, list("input_size").compactMap(\.int), mean: mean, std: std)
  }

  /// The texts in the file.
  public var texts: [String: String] {
    var texts: [String: String] = [:]
    texts["model"] = model
    texts["task"] = task
    texts["input"] = input.map { JSON.array($0.dims.map { JSON($0) }).text() }
    if !classes.isEmpty { texts["classes"] = JSON(classes).text() }
    if !mean.isEmpty { texts["mean"] = JSON.array(mean.map { JSON($0) }).text() }
    if !std.isEmpty { texts["std"] = JSON.array(std.map { JSON($0) }).text() }
    if let preprocessing {
      Self.describe(preprocessing, in: &texts)
      // What mean and deviation are of, where images may have other than bytes.
      if task == "segment" {
        texts["values"] = "whole numbers by their greatest, floating-point as they are"
      }
    }
    return texts
  }

  // MARK: Preprocessing, in the names of timm's pretrained configurations

  private static func describe(_ preprocessing: Preprocessing, in texts: inout [String: String]) {
    let (height, width) = (preprocessing.input[1], preprocessing.input[2])
    texts["input_size"] = JSON.array(preprocessing.input.dims.map { JSON($0) }).text()
    texts["interpolation"] = preprocessing.interpolation.rawValue
    texts["resize_order"] = preprocessing.resizeOrder.rawValue
    switch preprocessing.input[0] {
    case 1: texts["channel_order"] = "L"
    case 3: texts["channel_order"] = "RGB"
    default: break
    }
    if let resize = preprocessing.resizeSize {
      texts["crop_mode"] = "center"
      texts["crop_pct"] = JSON(Double(min(height, width)) / Double(resize)).text()
      texts["resize_size"] = "\(resize)"
    } else {
      texts["crop_mode"] = "squash"
      texts["crop_pct"] = "1.0"
    }
  }

  private static func preprocessing(
    _ texts: [String: String], _ dims: [Int], mean: [Float], std: [Float]
  ) -> Preprocessing? {
    guard dims.count == 3, dims.allSatisfy({ $0 > 0 }),
      let interpolation = texts["interpolation"].flatMap(Interpolation.init(rawValue:))
    else { return nil }
    let side = Double(min(dims[1], dims[2]))
    // Files of others say the share of the resized image that is cut out, not the pixels.
    let share = texts["crop_pct"].flatMap(Double.init) ?? 1
    let resize =
      texts["resize_size"].flatMap { Int($0) } ?? Int(exactly: (side / share).rounded(.down))
    return try? Preprocessing(
      input: Shape(dims), resizeSize: texts["crop_mode"] == "squash" ? nil : resize,
      interpolation: interpolation,
      resizeOrder: texts["resize_order"].flatMap(ResizeOrder.init(rawValue:)) ?? .widthFirst,
      mean: mean, std: std)
  }
}
