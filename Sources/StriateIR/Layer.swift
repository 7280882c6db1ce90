import StriateCore

/// A network or a part of one: an immutable value that builds a graph when it is called.
public protocol Model: Sendable {
  associatedtype Input
  associatedtype Output

  /// Builds the answer to an input. Call the model itself, `model(x)`, so that its scope has a name.
  func forward(_ input: Input) -> Output
}

/// A model from one tensor to one tensor.
public protocol Layer: Model where Input == Tensor, Output == Tensor {}

extension Model where Input: TensorGroup {
  /// Builds the answer to an input inside this model's scope; faults found in it name the caller's line.
  public func callAsFunction(
    _ input: Input, fileID: String = #fileID, line: Int = #line
  ) -> Output {
    guard let builder = input.namedTensors.first?.tensor.builder else { return forward(input) }
    let site = SourceLocation(fileID: fileID, line: line)
    return builder.call(self, input, at: site) { forward($0) }
  }
}

/// A container whose own property names are not part of its children's paths.
public protocol TransparentContainer {
  /// The children with their names, in order.
  var namedChildren: [(name: String, child: any Sendable)] { get }
}
