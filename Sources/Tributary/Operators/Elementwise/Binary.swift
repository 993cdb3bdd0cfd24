import CTributaryKernels

/// What the binary operators share: promotion, broadcasting, the map.
package enum Binary {
  /// `op` on operands promoted to a common dtype, and broadcast; not recorded.
  @inline(__always)
  package static func apply(
    _ op: tri_binary_op, _ a: Tensor, _ b: Tensor, _ operation: StaticString,
    parameters: UnsafePointer<Double>? = nil, cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) -> Tensor {
    if a.dtype != b.dtype {
      return try promoting(op, a, b, operation, parameters: parameters, cost: cost)
    }
    guard let map = tri_binary(kernels, op, a.dtype.kernel) else {
      throw unsupported(a.dtype, operation)
    }
    let shape = try Shape.broadcast(a.shape, b.shape, operation)
    let out = try Tensor.empty(shape, dtype: a.dtype, operation)
    ElementwiseMap.run(map, a, b, into: out, parameters: parameters, cost: cost)
    return out
  }

  private static func promoting(
    _ op: tri_binary_op, _ a: Tensor, _ b: Tensor, _ operation: StaticString,
    parameters: UnsafePointer<Double>?, cost: ElementwiseMap.Cost
  ) throws(TensorError) -> Tensor {
    let dtype = a.promotedDType(with: b)
    return try apply(
      op, a.cast(to: dtype, operation), b.cast(to: dtype, operation), operation,
      parameters: parameters, cost: cost)
  }

  /// `op` of a tensor and a number, which takes part in promotion by its kind alone; not recorded.
  @inline(__always)
  package static func apply(
    _ op: tri_binary_op, _ a: Tensor, _ scalar: Scalar, scalarFirst: Bool = false,
    _ operation: StaticString, cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) -> Tensor {
    let dtype = scalar.promoted(with: a.dtype)
    if dtype != a.dtype {
      return try promoting(
        op, a, to: dtype, scalar, scalarFirst: scalarFirst, operation, cost: cost)
    }
    guard let map = tri_binary(kernels, op, dtype.kernel) else {
      throw unsupported(dtype, operation)
    }
    let out = try Tensor.empty(a.shape, dtype: dtype, operation)
    ElementwiseMap.run(map, a, scalar: scalar, scalarFirst: scalarFirst, into: out, cost: cost)
    return out
  }

  private static func promoting(
    _ op: tri_binary_op, _ a: Tensor, to dtype: DType, _ scalar: Scalar, scalarFirst: Bool,
    _ operation: StaticString, cost: ElementwiseMap.Cost
  ) throws(TensorError) -> Tensor {
    try apply(
      op, a.cast(to: dtype, operation), scalar, scalarFirst: scalarFirst, operation, cost: cost)
  }

  package static func unsupported(_ dtype: DType, _ operation: StaticString) -> TensorError {
    TensorError(
      .dtypeMismatch, operation, dtypes: [dtype],
      "not defined for \(dtype); convert with to(_:) first")
  }
}

extension Tensor {
  /// The dtype of an operation on this tensor and another, by PyTorch's priorities.
  @inline(__always)
  package func promotedDType(with other: Tensor) -> DType {
    dtype == other.dtype
      ? dtype
      : dtype.promoted(isScalar: rank == 0, with: other.dtype, otherIsScalar: other.rank == 0)
  }

  /// A number as a tensor without dims, for kernels that take no number in its place; not recorded.
  package static func number(
    _ scalar: Scalar, _ dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    try filled([], scalar, dtype: dtype, operation)
  }
}
