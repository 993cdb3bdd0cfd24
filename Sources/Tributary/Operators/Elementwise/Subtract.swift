import CTributaryKernels

extension Tensor {
  /// The difference, element by element, of broadcast operands. Throws for bool: use `logicalXor`.
  public func sub(_ other: Tensor) throws(TensorError) -> Tensor {
    if dtype == .bool || other.dtype == .bool { throw Subtraction.ofBools(self, other.dtype) }
    let out = try Binary.apply(TRI_BINARY_SUB, self, other, "sub")
    if AutogradMode.records(self, other) { out.record(SubBackward(self, other)) }
    return out
  }

  package func sub(_ scalar: Scalar) throws(TensorError) -> Tensor {
    if dtype == .bool { throw Subtraction.ofBools(self, nil) }
    let out = try Binary.apply(TRI_BINARY_SUB, self, scalar, "sub")
    if AutogradMode.records(self) { out.record(SubBackward(self)) }
    return out
  }

  /// `scalar - self`.
  package func rsub(_ scalar: Scalar) throws(TensorError) -> Tensor {
    if dtype == .bool { throw Subtraction.ofBools(self, nil) }
    let out = try Binary.apply(TRI_BINARY_SUB, self, scalar, scalarFirst: true, "rsub")
    if AutogradMode.records(self) { out.record(RsubBackward(self)) }
    return out
  }

  /// Each element less a number; integers become float32. Throws for bool.
  public func sub(_ other: Double) throws(TensorError) -> Tensor { try sub(.real(other)) }
  /// Each element less a whole number, in this dtype; integers wrap. Throws for bool.
  public func sub(_ other: Int) throws(TensorError) -> Tensor { try sub(.integer(other)) }

  /// `self - alpha · other`, rounded twice; see ``add(_:alpha:)``.
  public func sub(_ other: Tensor, alpha: Double) throws(TensorError) -> Tensor {
    try sub(other, scaledBy: .real(-alpha))
  }

  /// `self - alpha · other` with a whole `alpha`, for every dtype but bool.
  public func sub(_ other: Tensor, alpha: Int) throws(TensorError) -> Tensor {
    try sub(other, scaledBy: .integer(0 &- alpha))
  }

  private func sub(_ other: Tensor, scaledBy alpha: Scalar) throws(TensorError) -> Tensor {
    if dtype == .bool || other.dtype == .bool { throw Subtraction.ofBools(self, other.dtype) }
    let out = try Scaled.sum(self, other, alpha, "sub")
    if AutogradMode.records(self, other) {
      out.record(ScaledSumBackward(self, other, alpha, name: "SubBackward0"))
    }
    return out
  }

  /// As ``sub(_:)-(Tensor)``.
  public static func - (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.sub(b) }
  /// As ``sub(_:)-(Double)``.
  public static func - (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.sub(b) }
  /// A number less each element; integers become float32. Throws for bool.
  public static func - (a: Double, b: Tensor) throws(TensorError) -> Tensor { try b.rsub(.real(a)) }
  /// As ``sub(_:)-(Int)``.
  public static func - (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.sub(b) }
  /// A whole number less each element, in its dtype; integers wrap. Throws for bool.
  public static func - (a: Int, b: Tensor) throws(TensorError) -> Tensor {
    try b.rsub(.integer(a))
  }
}

enum Subtraction {
  static func ofBools(_ a: Tensor, _ other: DType?) -> TensorError {
    TensorError(
      .dtypeMismatch, "sub", dtypes: other.map { [a.dtype, $0] } ?? [a.dtype],
      "bool tensors have no difference; use logicalXor, or logicalNot to invert a mask")
  }
}

final class SubBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient, toInput: 0) }
    // One edge where the other operand was a number.
    if edgeCount > 1, sink.wants(1) { sink[1] = try fitted(gradient.neg(), toInput: 1) }
  }
}

final class RsubBackward: Node, @unchecked Sendable {
  override var name: String { "RsubBackward1" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.neg() }
  }
}
