import StriateCore
import StriateData
import StriateFormats

extension DataPreparation {
  /// The choices as settings hold them; nil where none was made.
  var json: JSON? {
    if self == DataPreparation() { return nil }
    var members: JSONObject = [:]
    if let input { members["input"] = .array(input.dims.map { JSON($0) }) }
    if let resizeSize { members["resize_size"] = JSON(resizeSize) }
    if let interpolation { members["interpolation"] = JSON(interpolation.rawValue) }
    if let resizeOrder { members["resize_order"] = JSON(resizeOrder.rawValue) }
    switch normalization {
    case .given(let mean, let std):
      members["mean"] = .array(mean.map { JSON($0) })
      members["std"] = .array(std.map { JSON($0) })
    case .measured: members["mean"] = "measured"
    case nil: break
    }
    if let validation { members["val_split"] = JSON(validation) }
    if let badFiles { members["bad_files"] = JSON(badFiles.rawValue) }
    return .object(members)
  }

  /// The choices that settings hold; nil where they are not understood.
  init?(_ json: JSON) {
    guard json.object != nil else { return nil }
    self.init()
    func read<T>(_ name: String, _ into: inout T?, _ value: (JSON) -> T?) -> Bool {
      guard let member = json[name] else { return true }
      into = value(member)
      return into != nil
    }
    func numbers(_ json: JSON) -> [Float]? {
      guard let list = json.array else { return nil }
      let values = list.compactMap(\.double).map { Float($0) }
      return values.count == list.count ? values : nil
    }
    guard
      read(
        "input", &input,
        { value in
          let dims = value.array?.compactMap(\.int) ?? []
          return dims.count == 3 && dims.allSatisfy { $0 > 0 } ? Shape(dims) : nil
        }),
      read("resize_size", &resizeSize, \.int),
      read("interpolation", &interpolation, { $0.string.flatMap(Interpolation.init(rawValue:)) }),
      read("resize_order", &resizeOrder, { $0.string.flatMap(ResizeOrder.init(rawValue:)) }),
      read("val_split", &validation, \.double),
      read("bad_files", &badFiles, { $0.string.flatMap(BadFiles.init(rawValue:)) })
    else { return nil }
    if json["mean"]?.string == "measured" {
      normalization = .measured
    } else if let list = json["mean"] {
      guard let mean = numbers(list), let std = json["std"].flatMap(numbers) else { return nil }
      normalization = .given(mean: mean, std: std)
    }
  }
}
