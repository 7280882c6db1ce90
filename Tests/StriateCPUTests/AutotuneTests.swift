import CKernels
import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Kernels of convolutions that are chosen by trying.
@Suite(
  .enabled(if: TestDevice.cpu != nil, TestDevice.isMissing),
  .enabled(if: sk_has_wide_vectors() != 0, "no AVX-512"))
struct AutotuneTests {
  /// Two convolutions, of which there are several kernels, with their gradients.
  private func network() throws -> (Graph, [String: HostTensor]) {
    let builder = GraphBuilder()
    let shapes: [(String, Shape)] = [
      ("x", [4, 6, 14, 14]), ("v", [32, 6, 5, 5]), ("w", [32, 32, 3, 3]),
    ]
    let values = shapes.map { builder.input($0.0, TensorType(.float32, $0.1)) }
    let y = convolution(convolution(values[0], values[1]), values[2], padLow: [1, 1])
    builder.output("y", y)
    for (shape, gradient) in zip(shapes, builder.gradients(of: [(y, y)], in: values)) {
      builder.output("d\(shape.0)", gradient)
    }
    let feeds = shapes.map { ($0.0, CaseInput.normal($0.1).values(seed: 11, $0.0)) }
    return (try builder.finish().applying(), Dictionary(uniqueKeysWithValues: feeds))
  }

  /// The kernels of a program's convolutions, in order.
  private func kernels(_ graph: Graph, _ autotune: Autotune?) throws -> [String] {
    let device = try Device.cpu(threads: 2, autotune: autotune)
    return try device.backend.compile(graph).report.kernels.filter {
      $0.name.hasPrefix("convolution")
    }
    .map(\.implementation)
  }

  @Test("each shape is tried once; what is known is not tried, and what was used can be replayed")
  func triesOnce() throws {
    let (graph, feeds) = try network()
    let told = Told()
    let first = Autotune { told.shapes.append($0.effort.shapes) }
    let chosen = try kernels(graph, first)
    #expect(first.effort.shapes == 6 && told.shapes == [6])
    #expect(first.used.count == 6 && first.used == first.known)
    #expect(try kernels(graph, first) == chosen && first.effort.shapes == 6 && told.shapes == [6])

    let second = Autotune { _ in told.shapes.append(0) }
    second.adopt(first.known)
    #expect(try kernels(graph, second) == chosen && second.effort.shapes == 0)
    let replay = Autotune(replaying: first.used)
    #expect(try kernels(graph, replay) == chosen && replay.effort.shapes == 0 && told.shapes == [6])

    let device = try Device.cpu(threads: 2, autotune: replay)
    #expect(device.backend.kernelChoices == first.used)
    for error in try compare(graph, feeds: feeds, states: NamedTensors(), runs: 1, on: device) {
      #expect(error.error < 1e-5, "\(error)")
    }
  }

  private final class Told: @unchecked Sendable { var shapes: [Int] = [] }

  @Test(
    "a choice is kept to wherever the kernel takes the shape",
    arguments: ["library", "winograd4", "winograd2", "thin"])
  func forced(_ way: String) throws {
    let (graph, feeds) = try network()
    let names = Autotune()
    _ = try kernels(graph, names)
    let forced = Autotune(replaying: names.used.mapValues { _ in way })
    let device = try Device.cpu(threads: 2, autotune: forced)
    for error in try compare(graph, feeds: feeds, states: NamedTensors(), runs: 1, on: device) {
      #expect(error.error < 1e-5, "\(error)")
    }
    let found = try kernels(graph, forced)
    switch way {
    case "thin": #expect(found.allSatisfy { $0 == "striate:thin" }, "\(found)")
    case "library": #expect(found.allSatisfy { !$0.hasPrefix("striate") }, "\(found)")
    default: #expect(found.filter { $0 == "striate:\(way)" }.count == 3, "\(found)")
    }
  }

  @Test("without it rules choose, and there is nothing to remember")
  func byRule() throws {
    let (graph, _) = try network()
    #expect(try Device.cpu(threads: 2).backend.kernelChoices.isEmpty)
    let none = Autotune(replaying: [:])
    #expect(try kernels(graph, none) == kernels(graph, nil) && none.used.isEmpty)
  }
}
