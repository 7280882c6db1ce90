import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTestSupport
import Testing

/// One line of segmentation.json: a network of PyTorch or torchvision with what its answers and gradients are like.
struct SegmentationGolden: Sendable, CustomStringConvertible {
  let description: String
  var input: Shape
  let classes: Int
  /// The draw of images that stays farthest from all kinks; nil where the first one was taken.
  let draw: Int?
  /// The keys of PyTorch's state dictionary with their shapes, in order.
  let keys: [(name: String, shape: Shape)]
  /// The tensors of each kind whose digests stand in the golden, in the order of its rows.
  let tensors: [(kind: String, names: [String])]
  /// How far PyTorch's own single precision is from its double, by the worst of its ways to compute.
  let single: [String: Double]

  /// Every network; empty where the table cannot be read, which a test refuses.
  static let all: [SegmentationGolden] =
    ((try? JSON(path: "\(Golden.folder)/segmentation.json"))?.array ?? []).map {
      SegmentationGolden($0)
    }

  private init(_ line: JSON) {
    description = line["name"]?.string ?? ""
    input = Shape(line["input"]?.array?.compactMap(\.int) ?? [])
    classes = line["classes"]?.int ?? 0
    draw = line["draw"]?.int
    keys = (line["keys"]?.array ?? []).map { entry in
      let parts = entry.array ?? []
      let dims = parts.last?.array?.compactMap(\.int) ?? []
      return (parts.first?.string ?? "", Shape(dims))
    }
    tensors = ["results", "gradients", "statistics"].map { kind in
      (kind, line[kind]?.array?.compactMap(\.string) ?? [])
    }
    var single: [String: Double] = [:]
    for (kind, errors) in line["single"]?.object ?? [:] {
      for (key, error) in errors.object ?? [:] { single["\(kind).\(key)"] = error.double }
    }
    self.single = single
  }

  /// Whether a training step stands beside the logits in use.
  var trains: Bool { tensors.contains { $0.kind == "gradients" && !$0.names.isEmpty } }

  /// Our network, without dropout; nil for one that the zoo does not have.
  var network: (any SegmentationNetwork)? {
    let none = (pyramid: 0.0, head: 0.0)
    switch description {
    case "fcn_resnet50": return FCN(.fifty, classes: classes, dropout: 0)
    case "fcn_resnet101": return FCN(.hundredOne, classes: classes, dropout: 0)
    case "deeplabv3_resnet50": return DeepLabV3(.resNet(.fifty), classes: classes, dropout: none)
    case "deeplabv3_resnet101":
      return DeepLabV3(.resNet(.hundredOne), classes: classes, dropout: none)
    case "deeplabv3_mobilenet_v3_large":
      return DeepLabV3(.mobileNetV3, classes: classes, dropout: none)
    case "lraspp_mobilenet_v3_large": return LRASPP(classes: classes)
    case "unet": return UNet(classes: classes, dropout: 0)
    case "unet-small": return UNet(.small, classes: classes, channels: 3, dropout: 0)
    case "fcn32s_vgg16": return FCNVGG16(.thirtyTwo, classes: classes, hidden: 32, dropout: 0)
    case "fcn16s_vgg16": return FCNVGG16(.sixteen, classes: classes, hidden: 32, dropout: 0)
    case "fcn8s_vgg16": return FCNVGG16(.eight, classes: classes, hidden: 32, dropout: 0)
    case "segnet": return SegNet(classes: classes)
    case "enet": return ENet(classes: classes, dropout: (0, 0))
    case "dilated_frontend_vgg16":
      return DilatedVGG16(hasContext: false, classes: classes, hidden: 32, dropout: 0)
    case "dilated_context_vgg16": return DilatedVGG16(classes: classes, hidden: 32, dropout: 0)
    case "deeplabv3plus_resnet50": return DeepLabV3Plus(.fifty, classes: classes, dropout: 0)
    case "deeplabv3plus_resnet101":
      return DeepLabV3Plus(.hundredOne, classes: classes, dropout: 0)
    default: return nil
    }
  }

  /// The images and ground truth for an answer of these extents.
  func feeds(_ labels: Shape?) -> [String: HostTensor] {
    let images = draw.map { "input \($0)" } ?? "input"
    var feeds = ["input": ZooFormula.values(images, input, scale: 1.75)]
    if let labels {
      let bits = ZooFormula.Bits("truth")
      let count = UInt32(classes + 1)
      let truth = (0..<labels.count).map { place -> Int32 in
        let found = Int32((bits[place] >> 8) % count)
        return found == classes ? Self.ignored : found
      }
      feeds["labels"] = try? HostTensor(truth, shape: labels)
    }
    return feeds
  }

  /// The label of pixels that do not count.
  static let ignored: Int32 = 255

  /// The graph `input → results.out, results.aux`.
  func inference(_ model: some SegmentationNetwork, _ naming: Naming) throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    let answer = model(builder.input("input", TensorType(.float32, input)))
    for (name, tensor) in answer.namedTensors { builder.output("results.\(name)", tensor) }
    return try builder.finish().applying()
  }

  /// The graph `input, labels → results.training_out, …, results.loss, gradients.<key>`.
  func training(_ model: some SegmentationNetwork, _ naming: Naming) throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .training), naming: naming)
    let answer = model(builder.input("input", TensorType(.float32, input)))
    let shape = answer.out.shape
    let labels = builder.input("labels", TensorType(.int32, [shape[0], shape[2], shape[3]]))
    let entropy = CrossEntropyLoss(ignoring: Int(Self.ignored))
    var loss = entropy(answer.out, labels)
    if let aux = answer.aux { loss = loss + entropy(aux, labels) * 0.5 }
    let weights = naming.parameters.filter { $0.parameter.role == .weight }
    let gradients = builder.gradients(of: loss, in: weights.map { builder.read($0.parameter) })
    for (name, tensor) in answer.namedTensors {
      builder.output("results.training_\(name)", tensor)
    }
    builder.output("results.loss", loss.reshaped([1]))
    for ((path, _), gradient) in zip(weights, gradients) {
      builder.output("gradients.\(path)", gradient)
    }
    return try builder.finish().applying()
  }

  /// The error of every tensor against PyTorch's float64, told by digests.
  func errors(
    of answer: [String: HostTensor], to golden: Golden
  ) throws -> [(name: String, error: Double)] {
    var found: [(String, Double)] = []
    for (kind, names) in tensors where !names.isEmpty {
      let rows = try golden["\(self).\(kind)"].scalars(as: Double.self)
      let width = rows.count / names.count
      let norms = names.indices.map { rows[$0 * width] }
      let all = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (place, name) in names.enumerated() {
        let row = rows[(place * width)..<((place + 1) * width)]
        let tensor = try #require(answer["\(kind).\(name)"], "there is no \(kind).\(name)")
        let digest = ZooFormula.digest(name, tensor)
        let square = zip(digest, row).dropFirst().reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let error = max((square / Double(width - 1)).squareRoot(), abs(digest[0] - norms[place]))
        // What is added before a batch norm changes nothing: its gradient is zero but for rounding.
        let vanishes = kind == "gradients" && norms[place] < 1e-9 * all
        found.append(("\(kind).\(name)", error / (vanishes ? all : norms[place])))
      }
    }
    return found
  }

  /// The largest error that a computation in single precision may have.
  func bound(_ name: String) -> Double {
    let own = single[name] ?? 0
    // Where PyTorch's is off by more than the tensor's norm, the tensor vanishes.
    return own > 1 ? 1e-4 : max(1e-4, 3 * own)
  }
}
