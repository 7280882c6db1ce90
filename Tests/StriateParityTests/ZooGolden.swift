import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTestSupport
import Testing

/// One line of zoo.json: a network of PyTorch or torchvision with its answers and gradients.
struct ZooGolden: Sendable, CustomStringConvertible {
  let description: String
  let model: String
  var input: Shape
  let classes: Int
  /// Features of the hidden layers where they are not the published ones.
  let hidden: Int?
  /// The keys of PyTorch's state dictionary, in order; empty where only their digest stands.
  let keys: [String]
  /// The SHA-256 of keys and shapes, of a network of which only the logits in use stand.
  let keysDigest: String?
  /// How far PyTorch's own single precision is from its double, by the worst of its ways to compute: a number a
  /// result, and one a tensor.
  let single: [String: Double]
  /// The keys whose gradients, and whose statistics, stand in the golden, in the order of its rows.
  let gradients, statistics: [String]

  /// Every network; empty where the table cannot be read, which a test refuses.
  static let all: [ZooGolden] =
    ((try? JSON(path: "\(Golden.folder)/zoo.json"))?.array ?? []).map { ZooGolden($0) }

  private init(_ line: JSON) {
    description = line["name"]?.string ?? ""
    model = line["model"]?.string ?? ""
    input = Shape(line["input"]?.array?.compactMap(\.int) ?? [])
    classes = line["classes"]?.int ?? 0
    hidden = line["hidden"]?.int
    keys = line["keys"]?.array?.compactMap(\.string) ?? []
    keysDigest = line["keys"]?.string
    var single: [String: Double] = [:]
    var kinds: [String: [String]] = [:]
    for (name, value) in line["single"]?.object ?? [:] {
      single[name] = value.double
      let tensors = value.object ?? [:]
      for (key, error) in tensors { single["\(name).\(key)"] = error.double }
      kinds[name] = keys.filter { tensors[$0] != nil }
    }
    self.single = single
    (gradients, statistics) = (kinds["gradients"] ?? [], kinds["statistics"] ?? [])
  }

  /// Whether it is a network as published, at its published input.
  var isFull: Bool { description.hasSuffix("_full") }

  /// The catalogue's id of the network.
  var id: String { model.replacing(" without heads", with: "") }

  /// Our network, without dropout; nil for one that the zoo does not have.
  var network: (any Layer)? {
    let hasHeads = id == model
    let hidden = hidden ?? 4096
    switch id {
    case "alexnet": return AlexNet(classes: classes, hidden: hidden, dropout: 0)
    case "alexnet-2012": return AlexNet2012(classes: classes, hidden: hidden, dropout: 0)
    case "zfnet", "zfnet-wide":
      return ZFNet(isWide: id == "zfnet-wide", classes: classes, hidden: hidden, dropout: 0)
    case "nin": return NetworkInNetwork(.imageNet, classes: classes, dropout: 0)
    case "nin-cifar": return NetworkInNetwork(.cifar, classes: classes, dropout: 0)
    case "googlenet":
      return GoogLeNet(hasHeads: hasHeads, classes: classes, dropout: 0, headDropout: 0)
    case "googlenet-2014":
      return GoogLeNet2014(hasHeads: hasHeads, classes: classes, dropout: 0, headDropout: 0)
    case "inception_v3": return InceptionV3(hasHead: hasHeads, classes: classes, dropout: 0)
    case "squeezenet1_0": return SqueezeNet(.original, classes: classes, dropout: 0)
    case "squeezenet1_1": return SqueezeNet(.later, classes: classes, dropout: 0)
    case "mobilenet_v2": return MobileNetV2(classes: classes, dropout: 0)
    case "mobilenet_v3_large": return MobileNetV3(.large, classes: classes, dropout: 0)
    case "mobilenet_v3_small": return MobileNetV3(.small, classes: classes, dropout: 0)
    case "mnasnet1_0": return MNASNet(classes: classes, dropout: 0)
    case "efficientnet_b0": return EfficientNet(.b0, classes: classes, dropout: 0, depthDropout: 0)
    case "efficientnet_v2_s":
      return EfficientNet(.v2Small, classes: classes, dropout: 0, depthDropout: 0)
    case "convnext_tiny": return ConvNeXt(.tiny, classes: classes, depthDropout: 0)
    case let id where id.hasPrefix("vgg"):
      let depth = id.dropFirst(3).split(separator: "_").first.flatMap { Int($0) } ?? 0
      return VGG.Depth(rawValue: depth).map {
        VGG(
          $0, normalized: id.hasSuffix("_bn"), classes: classes, hidden: hidden, dropout: 0)
      }
    default: return try? Catalog.find(id).model(classes: classes)
    }
  }

  /// The images and labels that both sides are given.
  var feeds: [String: HostTensor] {
    [
      "input": ZooFormula.values("input", input, scale: 1.75),
      "labels": HostTensor((0..<input[0]).map { Int32((3 * $0 + 1) % max(classes, 1)) }),
    ]
  }

  /// The graph `input → logits`.
  func inference(_ model: some Layer, _ naming: Naming) throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    builder.output("logits", model(builder.input("input", TensorType(.float32, input))))
    return try builder.finish().applying()
  }

  /// The graph `input, labels → training_logits, loss, gradients.<key>`, which moves the statistics.
  func training(_ model: some Layer, _ naming: Naming) throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .training), naming: naming)
    let labels = builder.input("labels", TensorType(.int32, [input[0]]))
    let logits = model(builder.input("input", TensorType(.float32, input)))
    let loss = builder.auxiliaryAnswers.reduce(CrossEntropyLoss()(logits, labels)) {
      $0 + CrossEntropyLoss()($1.logits, labels) * $1.weight
    }
    let weights = naming.parameters.filter { $0.parameter.role == .weight }
    let gradients = builder.gradients(of: loss, in: weights.map { builder.read($0.parameter) })
    builder.output("training_logits", logits)
    builder.output("loss", loss.reshaped([1]))
    for ((path, _), gradient) in zip(weights, gradients) {
      builder.output("gradients.\(path)", gradient)
    }
    return try builder.finish().applying()
  }
}

/// What one training step and one inference of a network gave, by the golden's names.
typealias ZooAnswer = [String: HostTensor]

extension ZooGolden {
  /// The error of every tensor against PyTorch's float64: of whole results, and of digests.
  func errors(of answer: ZooAnswer, to golden: Golden) throws -> [(name: String, error: Double)] {
    var found: [(String, Double)] = []
    for name in ["logits", "training_logits", "loss"] where single[name] != nil {
      let error = try agreement(#require(answer[name]), golden["\(self).\(name)"])
      found.append((name, error))
    }
    for (kind, keys) in [("gradients", gradients), ("statistics", statistics)] where !keys.isEmpty {
      let rows = try golden["\(self).\(kind)"].scalars(as: Double.self)
      let width = rows.count / keys.count
      let all = keys.indices.reduce(0.0) { $0 + rows[$1 * width] * rows[$1 * width] }.squareRoot()
      for (place, key) in keys.enumerated() {
        let row = Array(rows[(place * width)..<((place + 1) * width)])
        let digest = ZooFormula.digest(key, try #require(answer["\(kind).\(key)"]))
        let square = zip(digest, row).dropFirst().reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let error = max((square / Double(width - 1)).squareRoot(), abs(digest[0] - row[0]))
        found.append(("\(kind).\(key)", error / norm(row[0], of: all)))
      }
    }
    return found
  }

  /// The gradients that are zero but for rounding: what is added before a batch norm changes nothing.
  func vanishing(_ golden: Golden) throws -> Set<String> {
    guard !gradients.isEmpty else { return [] }
    let rows = try golden["\(self).gradients"].scalars(as: Double.self)
    let norms = stride(from: 0, to: rows.count, by: rows.count / gradients.count).map { rows[$0] }
    let all = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return Set(zip(gradients, norms).filter { $0.1 < 1e-9 * all }.map { "gradients.\($0.0)" })
  }

  /// The error of every tensor against another answer's; those that vanish against the norm of all gradients.
  func errors(of answer: ZooAnswer, to other: ZooAnswer, vanishing: Set<String>)
    -> [(name: String, error: Double)]
  {
    func size(_ tensor: HostTensor) -> Double {
      tensor.scalars(as: Double.self).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let gradients = other.filter { $0.key.hasPrefix("gradients.") }.mapValues(size)
    let all = gradients.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return other.keys.sorted().map { name in
      guard let a = answer[name], let b = other[name] else { return (name, .infinity) }
      let error = agreement(a, b)
      guard vanishing.contains(name), let own = gradients[name], own > 0 else {
        return (name, error)
      }
      return (name, error * own / all)
    }
  }

  /// What an error of a gradient is relative to: its own norm, or, where it vanishes, that of all gradients.
  private func norm(_ own: Double, of all: Double) -> Double { own < 1e-9 * all ? all : own }

  /// The largest error that a computation in single precision may have.
  func bound(_ name: String) -> Double {
    let own = single[name] ?? 0
    // Where PyTorch's is off by more than the tensor's norm, the tensor vanishes.
    return own > 1 ? 1e-4 : max(1e-4, 3 * own)
  }
}
