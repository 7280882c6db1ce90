import CKernels
import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Winograd's convolutions in whole programs.
@Suite(
  .enabled(if: TestDevice.cpu != nil, TestDevice.isMissing),
  .enabled(if: sk_has_wide_vectors() != 0, "no AVX-512"))
struct WinogradTests {
  struct Row: Sendable, CustomStringConvertible {
    let x, w: Shape
    let low, high: [Int]
    /// The tile that each direction ought to choose: forward, input gradient, filter gradient.
    let tile: Int
    var description: String { "\(x) with \(w), padding \(low) \(high)" }
  }

  static let rows = [
    Row(x: [1, 32, 33, 17], w: [32, 32, 3, 3], low: [1, 1], high: [1, 1], tile: 4),
    Row(x: [3, 24, 21, 19], w: [40, 24, 3, 3], low: [0, 0], high: [0, 0], tile: 4),
    Row(x: [4, 48, 11, 13], w: [33, 48, 3, 3], low: [2, 2], high: [2, 2], tile: 4),
    Row(x: [2, 64, 14, 14], w: [70, 64, 3, 3], low: [0, 1], high: [2, 1], tile: 4),
    Row(x: [32, 64, 2, 2], w: [64, 64, 3, 3], low: [1, 1], high: [1, 1], tile: 2),
    Row(x: [3, 40, 15, 18], w: [70, 40, 5, 5], low: [2, 2], high: [2, 2], tile: 2),
    Row(x: [2, 64, 20, 11], w: [64, 64, 5, 5], low: [4, 0], high: [1, 3], tile: 2),
    // Threads divide channels, and the filter is transformed within the kernel.
    Row(x: [2, 256, 8, 8], w: [256, 256, 3, 3], low: [1, 1], high: [1, 1], tile: 4),
  ]

  private static func opCase(_ row: Row) -> OpCase {
    OpCase("\(row)", [.normal(row.x), .normal(row.w)]) { _, x in
      [convolution(x[0], x[1], padLow: row.low, padHigh: row.high)]
    }
  }

  @Test("all directions agree with the interpreter", arguments: rows)
  func agrees(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let opCase = Self.opCase(row)
    for error in try compare(opCase, on: device) { #expect(error.error < 1e-5, "\(error)") }
    let report = try device.backend.compile(opCase.gradientGraph().applying()).report
    for name in ["convolution", "convolution input gradient", "convolution filter gradient"] {
      let kernel = report.kernels.first { $0.name == name }
      #expect(
        kernel?.implementation == "striate:winograd\(row.tile)" + (row.w[2] == 5 ? "of5" : ""),
        "\(name)")
    }
  }

  @Test(
    "what takes no fewer products is left to the library",
    arguments: [
      Row(x: [1, 16, 4, 4], w: [16, 16, 3, 3], low: [1, 1], high: [1, 1], tile: 0),
      Row(x: [2, 64, 17, 17], w: [64, 64, 5, 3], low: [2, 1], high: [2, 1], tile: 0),
      Row(x: [2, 16, 4, 4], w: [16, 16, 5, 5], low: [2, 2], high: [2, 2], tile: 0),
      Row(x: [2, 3, 32, 32], w: [64, 3, 3, 3], low: [1, 1], high: [1, 1], tile: 0),
    ])
  func left(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let report = try device.backend.compile(Self.opCase(row).gradientGraph().applying()).report
    #expect(!report.kernels.contains { $0.implementation.contains("winograd") })
  }

  /// Two convolutions with everything that a kernel does to its result and fixed weights, or a linear network
  /// whose weights are updated.
  private func network(updates: Bool) throws -> (Graph, [String: HostTensor], NamedTensors) {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 40, 18, 15]))
    var states = NamedTensors()
    func state(_ name: String, _ shape: Shape) -> Tensor {
      states[name] = CaseInput.uniform(shape, -0.2...0.2).values(seed: 5, name)
      return builder.state(name, TensorType(.float32, shape))
    }
    let (w, v) = (state("w", [40, 40, 3, 3]), state("v", [40, 40, 3, 3]))
    let (b, c) = (state("b", [40]), state("c", [40]))
    let first = convolution(x, w, padLow: [1, 1])
    let sum = first + b.alongChannels(like: first)
    func activation(_ x: Tensor) -> Tensor { updates ? x : relu(x) }
    // Where rounding could move an element over a kink, gradients would differ by more than rounding.
    let hidden = activation(sum)
    let second = convolution(hidden, v, padLow: [1, 1])
    let total = activation(second + c.alongChannels(like: second) + hidden)
    let y = updates ? total : minimum(total, 2.5)
    builder.output("y", y)
    if updates {
      let gradients = builder.gradients(of: [(y, y)], in: [w, v, b, c])
      for (name, (old, gradient)) in zip(["w", "v", "b", "c"], zip([w, v, b, c], gradients)) {
        builder.update(name, old - gradient * 1e-5)
      }
    }
    let feeds = ["x": CaseInput.normal([2, 40, 18, 15]).values(seed: 7, "x")]
    return (try builder.finish(), feeds, states)
  }

  @Test(
    "bias, sum and bounds are part of the kernel; a filter that changes is transformed again",
    arguments: [false, true])
  func tails(_ updates: Bool) throws {
    let device = try #require(TestDevice.cpu)
    let (graph, feeds, states) = try network(updates: updates)
    for error in try compare(graph, feeds: feeds, states: states, runs: 3, on: device) {
      #expect(error.error < 1e-5, "\(error)")
    }
    let kernels = try device.backend.compile(graph.applying()).report.kernels
    let names = kernels.filter { $0.implementation == "striate:winograd4" }.map(\.name)
    let expected =
      updates
      ? ["convolution + bias", "convolution + bias + add"]
      : ["convolution + bias + relu", "convolution + bias + add + clip"]
    for name in expected { #expect(names.contains(name), "\(names)") }
    #expect(names.filter { $0 == "filter transform" }.count == (updates ? 3 : 2))
  }

  @Test("the same threads give the same bytes, other threads nearly the same numbers")
  func threads() throws {
    let (graph, feeds, states) = try network(updates: true)
    func result(_ threads: Int) throws -> [String: HostTensor] {
      let device = try Device.cpu(threads: threads)
      var found = try run(graph, feeds, state: states, on: device)
      let resident = device.backend.makeState()
      try resident.write(states)
      let executable = try device.backend.compile(graph.applying())
      let buffers = try RunBuffers(executable.graph)
      for (name, tensor) in feeds { try buffers.set(name, tensor) }
      for _ in 0..<3 { try executable.run(buffers, state: resident) }
      for (name, tensor) in try resident.read(states.names) { found["state \(name)"] = tensor }
      return found
    }
    let (one, two, again) = (try result(1), try result(2), try result(2))
    for (name, tensor) in two {
      #expect(again[name] == tensor, "\(name)")
      if let other = one[name] { #expect(agreement(tensor, other) < 1e-5, "\(name)") }
    }
  }
}
