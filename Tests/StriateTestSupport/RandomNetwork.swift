import StriateCore
import StriateIR

/// A random network that learns, the same for the same seed.
///
/// Convolutions, poolings, batch norms, residual sums, movements and matrix products on the images `x0`, then
/// the gradients of a loss in every weight, and an update of every weight of some kind: of those that may
/// happen in place, that read the old value elsewhere too, that exchange two states. Outputs are values on
/// the way, gradients, and old and new values of states.
public func randomNetwork(seed: UInt64, operations: Int) throws -> Graph {
  var network = RandomNetwork(seed: seed)
  for _ in 0..<operations { network.step() }
  return try network.finish()
}

/// Values for a random graph's states, small enough that deep networks stay in range.
public func randomStates(of graph: Graph, seed: UInt64) -> NamedTensors {
  var states = NamedTensors()
  for state in graph.states {
    let type = graph.type(state.value)
    let fan = max(type.shape.dims.dropFirst().reduce(1, *), 1)
    let range = 1.2 / Double(fan).squareRoot()
    let values: CaseInput.Values =
      type.dtype.isFloatingPoint ? .uniform(-range...range) : .whole(9)
    states[state.name] = CaseInput(type, values).values(seed: seed, state.name)
  }
  return states
}

private struct RandomNetwork {
  private let builder = GraphBuilder(options: TraceOptions(mode: .training))
  private var random: RandomStream
  private var images: [Tensor]
  private var rows: [Tensor] = []
  private var weights: [(name: String, tensor: Tensor)] = []
  private static let widths = [1, 3, 5, 8, 16, 17, 20, 32]

  init(seed: UInt64) {
    random = RandomStream(seed: seed, "network")
    let batch = Int.random(in: 1...3, using: &random)
    let width = Self.widths[Int.random(in: 0..<Self.widths.count, using: &random)]
    let (h, w) = (Int.random(in: 5...9, using: &random), Int.random(in: 5...9, using: &random))
    images = [builder.input("x0", TensorType(.float32, [batch, width, h, w]))]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }
  private mutating func chance(_ share: Double) -> Bool {
    Double.random(in: 0..<1, using: &random) < share
  }
  private mutating func pick(_ tensors: [Tensor]) -> Tensor {
    // Recent values more often, so that networks become deep.
    let recent = chance(0.6) ? Array(tensors.suffix(2)) : tensors
    return recent[number(0...recent.count - 1)]
  }
  private mutating func weight(_ shape: Shape) -> Tensor {
    let name = "w\(weights.count)"
    let tensor = builder.state(name, TensorType(.float32, shape))
    weights.append((name, tensor))
    return tensor
  }

  mutating func step() {
    let x = pick(images)
    let made: Tensor
    switch number(0...28) {
    case 0...3: made = convolved(x)
    case 4: made = pooled(x)
    case 5, 6: made = normalized(x)
    case 7: made = relu(x)
    case 8: made = tanh(x)
    case 9, 10: made = residual(x)
    case 11: made = x * weight([x.shape[1]]).alongChannels(like: x)
    case 12: made = moved(x)
    case 13:
      made = x - x.mean(over: [2, 3], keepingAxes: true)
    case 14: made = softmax(x, axis: number(1...3)) * 3.0
    case 15: made = select(x .> 0.1, x, x * weight([]))
    case 16: made = x.transposed([0, 1, 3, 2])
    case 25...28: made = onImages(x)
    case 17: made = maximum(x, -0.5) + weight([1, 1, 1, x.shape[3]])
    case 18: made = erf(x) + sin(x) * 0.5
    case 19: made = x.reversed(axes: [number(0...3)])
    case 20: made = tanh(x.cumulativeSum(axis: number(1...3), reversed: chance(0.5)))
    case 21:
      let order = (0..<x.shape[1]).map { _ in Int32(number(0...x.shape[1] - 1)) }
      made = x.gather(builder.constant(HostTensor(order)), axis: 1)
    case 22:
      made = x - x.logSumExp(over: [number(1...3)], keepingAxes: true) * 0.1
    default:
      let flat = x.flattened(from: 1)
      let y = matmul(flat, weight([number(1...20), flat.shape[1]]), transposingRight: true)
      rows.append(chance(0.5) ? relu(y + weight([y.shape[1]])) : y)
      made = x * tanh(y.mean())
    }
    images.append(made)
  }

  private mutating func convolved(_ x: Tensor) -> Tensor {
    let (h, w) = (x.shape[2], x.shape[3])
    let room = x.shape.count < 6000
    let kernel = [number(1...min(3, h)), number(1...min(3, w))]
    let isDepthwise = chance(0.15)
    let width =
      isDepthwise ? x.shape[1] : Self.widths[number(0...(room ? Self.widths.count - 1 : 3))]
    let groups = isDepthwise ? x.shape[1] : (x.shape[1] % 4 == 0 && width % 4 == 0 ? 4 : 1)
    let filter = weight(Shape([width, x.shape[1] / groups] + kernel))
    let low = kernel.map { ($0 - 1) / 2 }
    let y = convolution(
      x, filter, stride: [number(1...2), number(1...2)], padLow: low,
      padHigh: kernel.map { $0 / 2 }, groups: groups)
    let sum = chance(0.5) ? y + weight([width]).alongChannels(like: y) : y
    return chance(0.5) ? relu(sum) : sum
  }

  /// An op that a kernel of ours computes, beside those of the library in their blocked layouts.
  private mutating func onImages(_ x: Tensor) -> Tensor {
    let (channels, h, w) = (x.shape[1], x.shape[2], x.shape[3])
    switch number(0...5) {
    case 0:
      let groups = channels % 4 == 0 ? 4 : 1
      let (scale, shift) = (weight([channels]) + 1.0, weight([channels]))
      return groupNorm(x, groups: groups, scale: scale, shift: shift, epsilon: 0.1)
    case 1: return localResponse(x, size: number(1...5), alpha: 0.5)
    case 2:
      let mode: Resize.Mode = chance(0.5) ? .linear : .average
      return resize(x, size: [number(1...9), number(1...9)], mode: mode)
    case 3 where h > 2 && w > 2:
      return maxPool(x, kernel: [2, 2], stride: [1, number(1...2)], dilation: [2, 2])
    case 4 where h < 6 && w < 6 && channels < 20:
      let filter = weight([channels, number(1...6), 3, 2])
      return convolutionTransposed(
        x, filter, stride: [2, 1], padLow: [1, 0], outputPadding: [1, 0])
    default:
      // Of values that saturated, rounding decides which is the greatest; the input's differ.
      let x = images[0]
      let (h, w) = (x.shape[2], x.shape[3])
      let (y, indices) = maxPoolWithIndices(x, kernel: [min(2, h), min(2, w)], ceil: true)
      return maxUnpool(y * weight([]), indices: indices, spatial: [h, w]) + x * 0.1
    }
  }

  private mutating func pooled(_ x: Tensor) -> Tensor {
    let kernel = [min(2, x.shape[2]), min(3, x.shape[3])]
    let stride = [number(1...2), number(1...2)]
    let ceil = chance(0.3)
    return chance(0.5)
      ? maxPool(x, kernel: kernel, stride: stride, ceil: ceil)
      : averagePool(
        x, kernel: kernel, stride: stride, padding: [0, kernel[1] / 2], ceil: ceil,
        countsPadding: chance(0.5))
  }

  private mutating func normalized(_ x: Tensor) -> Tensor {
    guard x.shape.count / x.shape[1] > 4 else { return tanh(x) }
    let (scale, shift) = (weight([x.shape[1]]) + 1.0, weight([x.shape[1]]))
    let (y, mean, variance) = batchNorm(x, scale: scale, shift: shift, epsilon: 1e-2)
    for (kind, statistic) in [("mean", mean), ("variance", variance)] where chance(0.7) {
      let name = "\(kind)\(weights.count)"
      let running = builder.state(name, statistic.type)
      builder.update(name, running * 0.9 + statistic * 0.1)
    }
    return chance(0.6) ? relu(y) : y
  }

  private mutating func residual(_ x: Tensor) -> Tensor {
    let twins = images.filter { $0.shape == x.shape && $0.id != x.id }
    let sum = twins.isEmpty ? x + tanh(x) : x + pick(twins)
    return chance(0.5) ? relu(sum) : sum
  }

  private mutating func moved(_ x: Tensor) -> Tensor {
    switch number(0...3) {
    case 0 where x.shape.count < 4000:
      return x.padded(low: [0, number(0...5), 1, 0], high: [0, number(0...5), 0, 2])
    case 1 where x.shape[2] > 2: return x.slice(axis: 2, from: 1, step: 2)
    case 2 where x.shape[1] > 1: return x.slice(axis: 1, from: 0, to: x.shape[1] - 1)
    default:
      let twins = images.filter {
        $0.shape.dims.dropFirst(2) == x.shape.dims.dropFirst(2) && $0.shape[1] < 20
      }
      return twins.isEmpty || x.shape[1] > 20 ? tanh(x) : concat([x, pick(twins)], axis: 1) ?? x
    }
  }

  // MARK: Learning

  mutating func finish() throws -> Graph {
    var loss = square(tanh(pick(images))).mean()
    for value in images.suffix(3) + rows { loss = loss + tanh(value).mean() }
    let read = weights.map(\.tensor) + [images[0]]
    let gradients = builder.gradients(of: loss, in: read)
    builder.output("loss", loss)
    for (index, value) in (images.suffix(2) + rows.suffix(2)).enumerated() {
      builder.output("y\(index)", value)
    }
    builder.output("dx0", gradients[read.count - 1])

    builder.phase = .update
    let count = builder.state("count", TensorType(.int64, .scalar))
    builder.update("count", count + 1)
    var earlier: (name: String, tensor: Tensor, gradient: Tensor)?
    for ((name, old), gradient) in zip(weights, gradients) {
      update(name, old, gradient, earlier)
      earlier = (name, old, gradient)
    }
    return try builder.finish()
  }

  private mutating func update(
    _ name: String, _ old: Tensor, _ gradient: Tensor,
    _ earlier: (name: String, tensor: Tensor, gradient: Tensor)?
  ) {
    var new = old - 0.1 * gradient
    switch number(0...7) {
    case 0:
      let slot = builder.state("slot.\(name)", old.type)
      let momentum = slot * 0.9 + gradient
      builder.update("slot.\(name)", momentum)
      new = old - 0.1 * momentum
    case 1:
      builder.output("old.\(name)", old)
    case 2:
      builder.output("flat.\(name)", old.reshaped([-1]))
      builder.output("new.\(name)", new)
    case 3:
      builder.output("gradient.\(name)", gradient)
      new = select(gradient .> 0.01, old - 0.05, old + 0.05)
    case 4:
      // Two states exchange their values.
      if let earlier, earlier.tensor.type == old.type {
        builder.update(earlier.name, old + 0.01 * earlier.gradient)
        new = earlier.tensor * 0.5
      }
    case 5:
      builder.output("wide.\(name)", old.broadcast(to: Shape([2] + old.shape.dims)))
    case 6: return
    default: break
    }
    builder.update(name, new)
  }
}
