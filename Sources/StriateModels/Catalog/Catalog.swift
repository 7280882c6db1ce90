import StriateCore
import StriateIR

/// What the zoo says about a network, and how to make it.
public struct CatalogEntry: Sendable {
  /// The name on the command line: `resnet20`.
  public let id: String
  /// The year of its paper.
  public let year: Int
  /// Its usual name.
  public let title: String
  /// The paper.
  public let paper: String
  /// The shape of one input, `[C, H, W]`.
  public let input: Shape
  /// The number of classes as published.
  public let classes: Int
  /// Learned numbers at these classes and this input.
  public let parameters: Int
  /// Multiply–accumulate operations an image at these classes and this input.
  public let macs: Int
  /// Makes the network for a number of classes and, where given, another input shape.
  public let make: @Sendable (_ classes: Int, _ input: Shape?) -> any Layer

  /// The network; classes and input as published where they are not given.
  public func model(classes: Int? = nil, input: Shape? = nil) -> any Layer {
    make(classes ?? self.classes, input)
  }
}

/// The networks that there are, in the order of history.
public enum Catalog {
  /// A record a network.
  public static let all: [CatalogEntry] =
    [
      CatalogEntry(
        id: "neocognitron-1983", year: 1983, title: "Neocognitron of 1983, taught (reconstruction)",
        paper: Paper.neocognitron1983.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 37_200, macs: 2_747_369,
        make: { classes, _ in TaughtNeocognitron(classes: classes, plan: .published1983) }),
      CatalogEntry(
        id: "neocognitron-1988", year: 1988, title: "Neocognitron of 1988, taught (reconstruction)",
        paper: Paper.neocognitron1988.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 30_550, macs: 7_395_790,
        make: { classes, _ in TaughtNeocognitron(classes: classes, plan: .published1988) }),
      CatalogEntry(
        id: "neocognitron", year: 2003, title: "Neocognitron of 2003, learned without gradients",
        paper: Paper.neocognitron.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 548_800, macs: 18_150_700,
        make: { Neocognitron(classes: $0, input: $1 ?? [1, 28, 28]) }),
      CatalogEntry(
        id: "lenet1", year: 1989, title: "LeNet-1",
        paper: Paper.leNet1.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 2_578, macs: 91_520,
        make: { LeNet1(classes: $0, input: $1 ?? [1, 28, 28]) }),
      CatalogEntry(
        id: "lenet5-1998", year: 1998, title: "LeNet-5 as published (table, squashing, codes)",
        paper: Paper.leNet.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 60_000, macs: 325_680,
        make: { classes, _ in LeNet5Published(classes: classes) }),
      CatalogEntry(
        id: "lenet-300-100", year: 1998, title: "LeNet-300-100",
        paper: Paper.leNet.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 266_610, macs: 266_200,
        make: { LeNet300(classes: $0, input: $1 ?? [1, 28, 28]) }),
      CatalogEntry(
        id: "lenet5", year: 1998, title: "LeNet-5 (ReLU, max-pooling, dense C3)",
        paper: Paper.leNet.rawValue,
        input: [1, 28, 28], classes: 10, parameters: 61_706, macs: 416_520,
        make: { LeNet5(classes: $0, input: $1 ?? [1, 28, 28]) }),
      CatalogEntry(
        id: "hmax", year: 2007, title: "HMAX (S1 to C2 fixed or imprinted, a linear classifier)",
        paper: Paper.hmax.rawValue,
        input: [1, 64, 64], classes: 10, parameters: 2_560, macs: 190_762_102,
        make: { HMAX(classes: $0, input: $1 ?? [1, 64, 64]) }),
    ] + classic + cifarResidual + residual + small + modern + miniatures

  /// The entry with an id.
  ///
  /// - Throws: `ModelError` with the names that may have been meant.
  public static func find(_ id: String) throws(ModelError) -> CatalogEntry {
    if let entry = all.first(where: { $0.id == id }) { return entry }
    let hint = NearMiss.hint(for: id, among: all.map(\.id))
    throw ModelError(.unknown, "there is no model named '\(id)'; \(hint)")
  }
}
