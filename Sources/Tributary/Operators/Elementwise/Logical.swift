import CTributaryKernels

extension Tensor {
  /// Both not zero, as bool. Operands of any dtype, broadcast; nothing here is recorded.
  public func logicalAnd(_ other: Tensor) throws(TensorError) -> Tensor {
    try logical(TRI_BINARY_AND, other, "logicalAnd")
  }

  /// One or both not zero, as bool.
  public func logicalOr(_ other: Tensor) throws(TensorError) -> Tensor {
    try logical(TRI_BINARY_OR, other, "logicalOr")
  }

  /// Just one not zero, as bool.
  public func logicalXor(_ other: Tensor) throws(TensorError) -> Tensor {
    try logical(TRI_BINARY_XOR, other, "logicalXor")
  }

  /// Whether each element is zero, as bool.
  public func logicalNot() throws(TensorError) -> Tensor {
    try predicate(TRI_PREDICATE_LOGICAL_NOT, "logicalNot")
  }

  private func logical(
    _ op: tri_binary_op, _ other: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    try Binary.apply(
      op, cast(to: .bool, operation), other.cast(to: .bool, operation), operation)
  }
}

extension Tensor {
  /// Whether each element is a NaN, as bool; for integers false.
  public func isnan() throws(TensorError) -> Tensor { try predicate(TRI_PREDICATE_ISNAN, "isnan") }

  /// Whether each element is infinite, as bool.
  public func isinf() throws(TensorError) -> Tensor { try predicate(TRI_PREDICATE_ISINF, "isinf") }

  /// Whether each element is neither infinite nor a NaN, as bool.
  public func isfinite() throws(TensorError) -> Tensor {
    try predicate(TRI_PREDICATE_ISFINITE, "isfinite")
  }

  private func predicate(
    _ op: tri_predicate_op, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard let map = tri_predicate(kernels, op, dtype.kernel) else {
      throw Binary.unsupported(dtype, operation)
    }
    let out = try Tensor.empty(shape, dtype: .bool, operation)
    ElementwiseMap.run(map, self, into: out)
    return out
  }
}

extension Tensor {
  /// The bits of both integers; of bools, both. Throws for floating dtypes. Not recorded, as the next three.
  public func bitwiseAnd(_ other: Tensor) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_AND, self, other, "bitwiseAnd")
  }

  /// The bits of either integer, or both; of bools, either.
  public func bitwiseOr(_ other: Tensor) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_OR, self, other, "bitwiseOr")
  }

  /// The bits of just one of both integers; of bools, just one.
  public func bitwiseXor(_ other: Tensor) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_XOR, self, other, "bitwiseXor")
  }

  /// The complement of an integer's bits; of a bool, its opposite.
  public func bitwiseNot() throws(TensorError) -> Tensor {
    if dtype.isFloatingPoint { throw Binary.unsupported(dtype, "bitwiseNot") }
    return try Unary.apply(TRI_UNARY_BITWISE_NOT, self, "bitwiseNot")
  }

  /// As ``bitwiseAnd(_:)-(Tensor)``, with a whole number taken into this dtype; bools become int64.
  public func bitwiseAnd(_ other: Int) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_AND, self, .integer(other), "bitwiseAnd")
  }

  /// As ``bitwiseOr(_:)-(Tensor)``, with a whole number taken into this dtype; bools become int64.
  public func bitwiseOr(_ other: Int) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_OR, self, .integer(other), "bitwiseOr")
  }

  /// As ``bitwiseXor(_:)-(Tensor)``, with a whole number taken into this dtype; bools become int64.
  public func bitwiseXor(_ other: Int) throws(TensorError) -> Tensor {
    try Binary.apply(TRI_BINARY_XOR, self, .integer(other), "bitwiseXor")
  }

  /// As ``bitwiseAnd(_:)-(Tensor)``.
  public static func & (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
    try a.bitwiseAnd(b)
  }
  /// As ``bitwiseOr(_:)-(Tensor)``.
  public static func | (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.bitwiseOr(b) }
  /// As ``bitwiseXor(_:)-(Tensor)``.
  public static func ^ (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
    try a.bitwiseXor(b)
  }
  /// As ``bitwiseNot()``.
  public static prefix func ~ (x: Tensor) throws(TensorError) -> Tensor { try x.bitwiseNot() }
}
