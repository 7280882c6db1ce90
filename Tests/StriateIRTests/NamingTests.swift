import StriateCore
import StriateIR
import Testing

@Suite("Names fall out of properties")
struct NamingTests {
  struct Net: Layer {
    let stemConv = Conv(3, 4)
    let layers = [Block(4), Block(4, downsample: true)]
    let pair = (left: Conv(4, 4, bias: false), Conv(4, 4, bias: false))

    func forward(_ x: Tensor) -> Tensor {
      let y = layers.reduce(stemConv(x)) { $1($0) }
      return pair.left(pair.1(y))
    }
  }

  @Test("snake case, arrays, optionals, tuples")
  func paths() {
    #expect(
      Naming(Net()).parameters.map(\.path) == [
        "stem_conv.weight", "stem_conv.bias", "layers.0.first_conv.weight",
        "layers.0.first_conv.bias", "layers.1.first_conv.weight", "layers.1.first_conv.bias",
        "layers.1.downsample.weight", "pair.left.weight", "pair.1.weight",
      ])
    #expect(Naming(Net()).warnings == [])
  }

  @Test("every node carries its layer's path, calls are recorded")
  func scopes() throws {
    let net = Net()
    let builder = GraphBuilder(naming: Naming(net))
    builder.output("y", net(builder.input("x", TensorType(.float32, [1, 3, 8, 8]))))
    let graph = try builder.finish()
    let paths = Set(graph.nodes.map(\.path))
    #expect(
      paths.isSuperset(of: [
        "stem_conv", "layers.0.first_conv", "layers.0", "layers.0.activation",
        "layers.1.downsample", "pair.left", "pair.1",
      ]))
    #expect(graph.calls.last?.path == "")
    #expect(graph.calls.last?.kind == "Net")
    #expect(graph.calls.count == 11)
  }

  @Test("shared layers: one set of weights, aliases, a warning, numbered calls")
  func sharing() throws {
    struct Shared: Layer {
      let blocks = [Conv](repeating: Conv(2, 2), count: 3)
      func forward(_ x: Tensor) -> Tensor { blocks.reduce(x) { $1($0) } }
    }
    let net = Shared()
    let naming = Naming(net)
    #expect(naming.parameters.map(\.path) == ["blocks.0.weight", "blocks.0.bias"])
    #expect(naming.aliases.map(\.path).contains("blocks.2.bias"))
    #expect(naming.aliases.allSatisfy { $0.first.hasPrefix("blocks.0.") })
    #expect(naming.warnings.count == 1 && naming.warnings[0].contains("repeated(n)"))
    let builder = GraphBuilder(naming: naming)
    builder.output("y", net(builder.input("x", TensorType(.float32, [1, 2, 4, 4]))))
    #expect(builder.diagnostics.map(\.severity) == [.warning])
    let graph = try builder.finish()
    #expect(graph.states.map(\.name) == ["blocks.0.weight", "blocks.0.bias"])
    #expect(graph.calls.map(\.path) == ["blocks.0", "blocks.0#1", "blocks.0#2", ""])
  }

  @Test("two calls of one layer are numbered, and so are the layers in it")
  func recurrence() throws {
    struct Recurrent: Layer {
      let cell = Block(2)
      func forward(_ x: Tensor) -> Tensor { cell(cell(x)) }
    }
    let net = Recurrent()
    let builder = GraphBuilder(naming: Naming(net))
    builder.output("y", net(builder.input("x", TensorType(.float32, [1, 2, 4, 4]))))
    let paths = try builder.finish().calls.map(\.path)
    #expect(
      paths == [
        "cell.first_conv", "cell.activation", "cell", "cell.first_conv#1", "cell.activation#1",
        "cell#1", "",
      ])
  }

  @Test("a parameter outside the model is refused by name of its fault")
  func stray() {
    struct Stray: Layer {
      let id = LayerID()
      func forward(_ x: Tensor) -> Tensor { Conv(2, 2)(x) }
    }
    let net = Stray()
    let builder = GraphBuilder(naming: Naming(net))
    _ = net(builder.input("x", TensorType(.float32, [1, 2, 4, 4])))
    #expect(builder.diagnostics.contains { $0.message.contains("no stored property") })
  }

  @Test("frozen prefixes are paths, not letters")
  func frozen() {
    let options = TraceOptions(mode: .training, frozen: ["layer1"])
    #expect(options.isFrozen("layer1") && options.isFrozen("layer1.0.conv"))
    #expect(!options.isFrozen("layer10") && !options.isFrozen(""))
    #expect(TraceOptions(mode: .training, frozen: [""]).isFrozen("anything"))
  }
}
