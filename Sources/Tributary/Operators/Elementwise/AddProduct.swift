import CTributaryKernels

extension Tensor {
  /// self + value · a · b, broadcast: the product (value · a) · b is rounded, then the sum.
  ///
  /// Integers: `value` must be whole.
  public func addcmul(
    _ a: Tensor, _ b: Tensor, value: Double = 1
  ) throws(TensorError) -> Tensor {
    let out = try Ternary.apply(TRI_TERNARY_ADDCMUL, self, a, b, value, "addcmul")
    if AutogradMode.records(self, a) || AutogradMode.records(b) {
      out.record(AddcmulBackward(self, a, b, value))
    }
    return out
  }

  /// self + value · a / b, broadcast. For floating dtypes.
  public func addcdiv(
    _ a: Tensor, _ b: Tensor, value: Double = 1
  ) throws(TensorError) -> Tensor {
    let out = try Ternary.apply(TRI_TERNARY_ADDCDIV, self, a, b, value, "addcdiv")
    if AutogradMode.records(self, a) || AutogradMode.records(b) {
      out.record(AddcdivBackward(self, a, b, value), cost: .division)
    }
    return out
  }
}

enum Ternary {
  static func apply(
    _ op: tri_ternary_op, _ x: Tensor, _ a: Tensor, _ b: Tensor, _ value: Double,
    _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let inner = a.promotedDType(with: b)
    let innerIsScalar = a.rank == 0 && b.rank == 0
    let dtype = x.dtype.promoted(
      isScalar: x.rank == 0, with: inner, otherIsScalar: innerIsScalar)
    guard let map = tri_ternary(kernels, op, dtype.kernel) else {
      return try integers(op, x, a, b, value, dtype, operation)
    }
    let shape = try Shape.broadcast(
      Shape.broadcast(a.shape, b.shape, operation), x.shape, operation)
    let (x, a, b) = (
      try x.cast(to: dtype, operation), try a.cast(to: dtype, operation),
      try b.cast(to: dtype, operation)
    )
    let out = try Tensor.empty(shape, dtype: dtype, operation)
    try KernelParameters(value).pass { (parameters) throws(TensorError) in
      ElementwiseMap.run(map, x, a, b, into: out, parameters: parameters, cost: .division)
    }
    return out
  }

  private static func integers(
    _ op: tri_ternary_op, _ x: Tensor, _ a: Tensor, _ b: Tensor, _ value: Double, _ dtype: DType,
    _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard op == TRI_TERNARY_ADDCMUL, dtype != .bool, let factor = Int(exactly: value) else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [x.dtype, a.dtype, b.dtype],
        "not defined for \(dtype) with this value; convert with to(.float32) first")
    }
    return try x.cast(to: dtype, operation).add(
      a.cast(to: dtype, operation).mul(factor).mul(b.cast(to: dtype, operation)))
  }
}

/// The node of x + value · f(a, b).
class TernaryNode: Node, @unchecked Sendable {
  fileprivate let value: Double

  init(_ x: Tensor, _ a: Tensor, _ b: Tensor, _ value: Double) {
    self.value = value
    super.init(x, a, b)
    guard a.requiresGrad || b.requiresGrad else { return }
    save(a)
    save(b)
  }
}

final class AddcmulBackward: TernaryNode, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient, toInput: 0) }
    guard sink.wants(1) || sink.wants(2) else { return }
    let gradient = try gradient.toComputing()
    for (input, other) in [(1, 1), (2, 0)] where sink.wants(input) {
      sink[input] = try fitted(
        gradient.mul(savedToComputing(other).mul(value)), toInput: input)
    }
  }
}

final class AddcdivBackward: TernaryNode, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient, toInput: 0) }
    guard sink.wants(1) || sink.wants(2) else { return }
    let (gradient, b) = (try gradient.toComputing(), try savedToComputing(1))
    if sink.wants(1) { sink[1] = try fitted(gradient.mul(value / b), toInput: 1) }
    if sink.wants(2) {
      let a = try savedToComputing(0)
      sink[2] = try fitted(gradient.neg().mul(a.mul(value).div(b.mul(b))), toInput: 2)
    }
  }
}
