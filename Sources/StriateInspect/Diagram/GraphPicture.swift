import StriateCore
import StriateIR
import StriateRuntime

/// A picture of a model's graph: its layers in their scopes, its ops, or its program's kernels.
///
/// Values flow down; in a training step gradients flow back up beside the layers that they belong to, and
/// into the updates beside these.
public struct GraphPicture: Sendable {
  /// How closely one looks.
  public enum Level: String, Sendable, Hashable, CaseIterable {
    /// A box a layer call.
    case layers
    /// A box an op, after the standard passes.
    case ops
    /// A box a kernel of the device's program.
    case kernels
  }

  /// The picture as SVG 1.1; the same bytes for the same model, program and level.
  public let svg: String
  /// The number of boxes.
  public let boxes: Int
  /// The number of edges.
  public let edges: Int

  /// Traces, compiles and draws.
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(
    _ subject: ModelSubject, _ mode: ModelSubject.Mode = .infer, level: Level = .layers,
    on device: Device
  ) throws {
    let learned = subject.naming.parameters.filter { $0.parameter.role == .weight }
      .reduce(0) { plus($0, $1.parameter.type.shape.count) }
    let what = mode == .infer ? "an answer" : "a training step"
    let program = try subject.program(mode, on: device)
    let count = "\(Numbers.grouped(learned)) parameters"
    let diagram: Diagram
    switch level {
    case .layers, .ops:
      let subtitle =
        level == .layers
        ? "the layers of \(what), \(count)"
        : "the ops of \(what), \(program.graph.nodes.count) in all, \(count)"
      diagram = GraphDiagram.make(
        program.graph, naming: subject.naming, title: subject.name, subtitle: subtitle,
        byLayers: level == .layers)
    case .kernels:
      let report = program.executable.report
      diagram = KernelDiagram.make(
        program, title: subject.name,
        subtitle: "the kernels of \(what) on \(device.id): \(report.kernels.count), of these "
          + "\(report.reorders) reorders; \(report.fused) nodes fused into others")
    }
    svg = DiagramSVG.draw(diagram)
    boxes = diagram.boxes.count
    edges = diagram.edges.count
  }
}
