import Striate

/// What a run's `config.json` holds beside the settings: with what it was begun, so that going on with it needs
/// no option.
struct RunRecord {
  /// The device's name.
  var device: String?
  /// The threads of the device.
  var threads: Int?
  /// The classes that the network tells apart.
  var classes: Int?
  /// The weights that it began with.
  var weights: String?
  /// The kernels that were chosen by trying, as the newest checkpoint has them.
  var kernels: [String: String]?

  /// What is decided at the beginning of a run.
  init(device: Device, classes: Int) {
    self.device = device.id
    threads = device.threads
    self.classes = classes
  }

  /// What a `config.json` says; what is missing or makes no sense, as in those of older versions, is nil.
  init(_ json: JSON) {
    device = json["device"]?.string.flatMap { DeviceChoice.known.contains($0) ? $0 : nil }
    threads = json["threads"]?.int.flatMap { (1...4096).contains($0) ? $0 : nil }
    classes = json["classes"]?.int.flatMap { (1...1_000_000).contains($0) ? $0 : nil }
    weights = json["weights"]?.string
  }

  /// The members of `config.json`.
  var members: JSONObject {
    [
      "device": device.map { JSON($0) } ?? nil, "threads": threads.map { JSON($0) } ?? nil,
      "classes": classes.map { JSON($0) } ?? nil, "weights": weights.map { JSON($0) } ?? nil,
    ]
  }
}
