import StriateCore
import StriateIR

/// A user's op on the host: reals go in and come out in double precision.
///
/// - Throws: the op's own error, or `TensorError` where its results are not of the types it declared.
func custom(_ rule: Custom, _ arguments: Arguments) throws -> [Value] {
  let inputs = zip(arguments.values, arguments.types).map { value, type in
    let dtype = type.dtype.isFloatingPoint ? DType.float64 : type.dtype
    return HostTensor(type: TensorType(dtype, type.shape)) { value.store(into: $0, dtype) }
  }
  let results = try rule.op.compute(inputs)
  let fit =
    results.count == arguments.results.count
    && zip(results, arguments.results).allSatisfy { found, declared in
      found.shape == declared.shape
        && (found.dtype == declared.dtype
          || (found.dtype.isFloatingPoint && declared.dtype.isFloatingPoint))
    }
  guard fit else {
    throw TensorError(
      .typeMismatch,
      "the custom op \(rule.name) declared \(arguments.results) and computed \(results.map(\.type))"
    )
  }
  return results.map { Value($0) }
}
