import CTributaryKernels

extension Tensor {
  /// The elements of `a` where `condition`, a bool tensor, holds, else those of `b`; all three broadcast.
  ///
  /// The dtypes of `a` and `b` are promoted. Throws for a condition of another dtype.
  public static func `where`(
    _ condition: Tensor, _ a: Tensor, _ b: Tensor
  ) throws(TensorError) -> Tensor {
    let dtype = a.promotedDType(with: b)
    let out = try Selection.apply(
      condition, a.cast(to: dtype, "where"), b.cast(to: dtype, "where"))
    if AutogradMode.records(a, b) { out.record(WhereBackward(condition, a, b)) }
    return out
  }

  /// The same with a number for `b`; beside integers and bools the result is float32.
  public static func `where`(
    _ condition: Tensor, _ a: Tensor, _ b: Double
  ) throws(TensorError) -> Tensor {
    try `where`(condition, a, Selection.number(.real(b), beside: a))
  }

  /// The same with a number for `a`; beside integers and bools the result is float32.
  public static func `where`(
    _ condition: Tensor, _ a: Double, _ b: Tensor
  ) throws(TensorError) -> Tensor {
    try `where`(condition, Selection.number(.real(a), beside: b), b)
  }

  /// The same with a whole number for `b`, taken into the other's dtype; beside bools the result is int64.
  public static func `where`(
    _ condition: Tensor, _ a: Tensor, _ b: Int
  ) throws(TensorError) -> Tensor {
    try `where`(condition, a, Selection.number(.integer(b), beside: a))
  }

  /// The same with a whole number for `a`, taken into the other's dtype; beside bools the result is int64.
  public static func `where`(
    _ condition: Tensor, _ a: Int, _ b: Tensor
  ) throws(TensorError) -> Tensor {
    try `where`(condition, Selection.number(.integer(a), beside: b), b)
  }
}

enum Selection {
  static func number(_ scalar: Scalar, beside x: Tensor) throws(TensorError) -> Tensor {
    try Tensor.number(scalar, scalar.promoted(with: x.dtype), "where")
  }

  /// Of one dtype; not recorded.
  static func apply(
    _ condition: Tensor, _ a: Tensor, _ b: Tensor
  ) throws(TensorError) -> Tensor {
    guard condition.dtype == .bool else {
      throw TensorError(
        .dtypeMismatch, "where", dtypes: [condition.dtype],
        "the condition must be bool; compare first, or convert with to(.bool)")
    }
    guard let map = tri_ternary(kernels, TRI_TERNARY_WHERE, a.dtype.kernel) else {
      throw Binary.unsupported(a.dtype, "where")
    }
    let shape = try Shape.broadcast(
      Shape.broadcast(a.shape, b.shape, "where"), condition.shape, "where")
    let out = try Tensor.empty(shape, dtype: a.dtype, "where")
    ElementwiseMap.run(map, condition, a, b, into: out)
    return out
  }
}

final class WhereBackward: Node, @unchecked Sendable {
  override init(_ condition: Tensor, _ a: Tensor, _ b: Tensor) {
    super.init(a, b)
    save(condition)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let condition = try saved(0)
    if sink.wants(0) {
      sink[0] = try fitted(Tensor.where(condition, gradient, 0), toInput: 0)
    }
    if sink.wants(1) {
      sink[1] = try fitted(Tensor.where(condition, 0, gradient), toInput: 1)
    }
  }
}
