import StriateCore

// Booleans are chosen by booleans: no op of their own.

/// Whether both hold, element by element.
public func logicalAnd(_ a: Tensor, _ b: Tensor) -> Tensor { select(a, b, 0.0) }
/// Whether one of two holds, or both, element by element.
public func logicalOr(_ a: Tensor, _ b: Tensor) -> Tensor { select(a, 1.0, b) }
/// Whether exactly one of two holds, element by element.
public func logicalXor(_ a: Tensor, _ b: Tensor) -> Tensor { logicalNot(a .== b) }
/// Whether each element is false.
public func logicalNot(_ a: Tensor) -> Tensor { a .== 0.0 }

extension Tensor {
  /// Whether both hold, element by element.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { logicalAnd(a, b) }
  /// Whether one of two holds, or both, element by element.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { logicalOr(a, b) }
  /// Whether exactly one of two holds, element by element.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { logicalXor(a, b) }
  /// Whether each element is false.
  public static prefix func .! (a: Tensor) -> Tensor { logicalNot(a) }
  /// Whether each element is at least the other's.
  public static func .>= (a: Tensor, b: some Operand) -> Tensor { (a .> b) .| (a .== b) }
  /// Whether each element is at most the other's.
  public static func .<= (a: Tensor, b: some Operand) -> Tensor { (a .< b) .| (a .== b) }
  /// Whether each element differs from the other's.
  public static func .!= (a: Tensor, b: some Operand) -> Tensor { .!(a .== b) }

  /// Whether any boolean along axes holds; all axes by default, false of none.
  public func any(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    boolean("any")?.max(over: axes, keepingAxes: keepingAxes)
      ?? Tensor(builder: builder, id: .poison)
  }

  /// Whether all booleans along axes hold; all axes by default, true of none.
  public func all(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    boolean("all")?.min(over: axes, keepingAxes: keepingAxes)
      ?? Tensor(builder: builder, id: .poison)
  }

  private func boolean(_ op: String) -> Tensor? {
    if isPoisoned || dtype == .bool { return self }
    _ = builder.refuse(op, "takes booleans, found \(type)", operands: [self])
    return nil
  }
}
