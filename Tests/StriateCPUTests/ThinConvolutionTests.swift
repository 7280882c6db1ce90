import CKernels
import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Convolutions of thin channels by our own kernels, where the library has kernels too.
@Suite(
  .enabled(if: TestDevice.cpu != nil, TestDevice.isMissing),
  .enabled(if: sk_has_wide_vectors() != 0, "no AVX-512"))
struct ThinConvolutionTests {
  struct Row: Sendable, CustomStringConvertible {
    let x, w: Shape
    var stride: [Int]?
    var padding: [Int]?
    var dilation: [Int]?
    /// The directions that are ours: forward, input gradient, filter gradient.
    let own: [Bool]
    var description: String { "\(x) with \(w)" }

    func convolved(_ x: Tensor, _ w: Tensor) -> Tensor {
      convolution(x, w, stride: stride, padLow: padding, dilation: dilation)
    }
  }

  /// Of few images, lanes are positions; of many, images.
  static let rows = [
    Row(x: [3, 1, 28, 28], w: [6, 1, 5, 5], padding: [2, 2], own: [true, true, true]),
    Row(x: [37, 1, 28, 28], w: [6, 1, 5, 5], padding: [2, 2], own: [true, true, true]),
    Row(x: [64, 6, 14, 14], w: [16, 6, 5, 5], own: [false, true, true]),
    Row(
      x: [48, 3, 27, 23], w: [5, 3, 7, 7], stride: [2, 2], padding: [3, 3], own: [true, true, true]),
    Row(
      x: [47, 4, 15, 21], w: [4, 4, 7, 6], stride: [2, 1], padding: [6, 0], dilation: [2, 3],
      own: [true, false, true]),
    Row(x: [32, 3, 27, 27], w: [7, 3, 7, 7], stride: [3, 3], own: [false, true, false]),
    Row(x: [48, 1, 4, 9, 8], w: [3, 1, 3, 3, 3], padding: [1, 1, 1], own: [true, true, true]),
    Row(x: [48, 4, 50], w: [6, 4, 11], padding: [5], own: [true, true, true]),
    Row(x: [16, 16, 12, 12], w: [16, 16, 5, 5], own: [false, false, false]),
    Row(x: [16, 3, 32, 32], w: [64, 3, 7, 7], stride: [2, 2], own: [false, true, false]),
  ]

  @Test(
    "all directions agree with the interpreter, and ours are where they ought to be",
    arguments: rows)
  func agrees(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let opCase = OpCase("\(row)", [.normal(row.x), .normal(row.w)]) { _, x in
      [row.convolved(x[0], x[1])]
    }
    for error in try compare(opCase, on: device) { #expect(error.error < 1e-5, "\(error)") }
    let report = try device.backend.compile(opCase.gradientGraph().applying()).report
    let names = ["convolution", "convolution input gradient", "convolution filter gradient"]
    for (name, isOwn) in zip(names, row.own) {
      let kernel = try #require(report.kernels.first { $0.name == name })
      #expect(
        (kernel.implementation == "striate:thin") == isOwn, "\(name): \(kernel.implementation)")
    }
  }

  /// A layer's output and gradients, its bias and activation within the kernel.
  private func layer(_ images: Int) throws -> (Graph, [String: HostTensor]) {
    let builder = GraphBuilder()
    let shapes: [(String, Shape)] = [
      ("x", [images, 2, 20, 20]), ("w", [6, 2, 5, 5]), ("b", [6]),
    ]
    let values = shapes.map { builder.input($0.0, TensorType(.float32, $0.1)) }
    let sum = convolution(values[0], values[1], padLow: [2, 2])
    let y = sum + values[2].alongChannels(like: sum)
    builder.output("y", y)
    builder.output("relu", relu(convolution(values[0], values[1]) + 0.5))
    let gradients = builder.gradients(of: [(y, y)], in: values)
    for (gradient, shape) in zip(gradients, shapes) { builder.output("d\(shape.0)", gradient) }
    let feeds = shapes.map { ($0.0, CaseInput.normal($0.1).values(seed: 3, $0.0)) }
    return (try builder.finish(), Dictionary(uniqueKeysWithValues: feeds))
  }

  @Test(
    "the same threads give the same bytes, others nearly the same numbers, and all the interpreter's",
    arguments: [1, 5, 40])
  func threads(_ images: Int) throws {
    let (graph, feeds) = try layer(images)
    for threads in [1, 2, 3] {
      let device = try Device.cpu(threads: threads)
      for error in try compare(graph, feeds: feeds, states: NamedTensors(), runs: 1, on: device) {
        #expect(error.error < 1e-5, "\(threads) threads: \(error)")
      }
      let first = try run(graph, feeds, on: device)
      #expect(try run(graph, feeds, on: device) == first)
    }
  }

  @Test("a NaN among rows is the greatest of its windows")
  func notANumber() throws {
    let device = try #require(TestDevice.cpu)
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [1, 1, 6, 40]))
    builder.output("y", maxPool(x, kernel: [3, 3], stride: [2, 2], padding: [1, 1]))
    var values = (0..<240).map { Float(($0 * 7919) % 241) }
    for place in [0, 45, 158, 239] { values[place] = .nan }
    let feeds = ["x": try HostTensor(values, shape: [1, 1, 6, 40])]
    let graph = try builder.finish()
    func pooled(_ device: Device) throws -> [Float] {
      try #require(try run(graph, feeds, on: device)["y"]).scalars()
    }
    let (ours, theirs) = (try pooled(device), try pooled(.reference))
    #expect(zip(ours, theirs).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    #expect(
      ours.filter(\.isNaN).count == theirs.filter(\.isNaN).count && ours.contains(where: \.isNaN))
  }
}
