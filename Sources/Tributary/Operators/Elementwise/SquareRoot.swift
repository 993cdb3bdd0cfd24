import CTributaryKernels

extension Tensor {
  /// The square root of each element, correctly rounded; NaN below 0. Integers are taken as float32.
  public func sqrt() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_SQRT, self, "sqrt", cost: .division)
    if AutogradMode.records(self) { out.record(SqrtBackward(self, result: out), cost: .division) }
    return out
  }

  /// 1 / √x of each element. Integers are taken as float32.
  public func rsqrt() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_RSQRT, self, "rsqrt", cost: .division)
    if AutogradMode.records(self) { out.record(RsqrtBackward(self, result: out)) }
    return out
  }

  /// `self / (2y)`, the gradient through y = √x, in one kernel.
  func sqrtBackward(_ y: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_SQRT_BACKWARD, self, y, "sqrt_backward", cost: .division)
    if AutogradMode.records(self, y) { out.record(SqrtBackwardBackward(self, y), cost: .division) }
    return out
  }
}

final class SqrtBackward: ResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.sqrtBackward(y)
  }
}

/// Of g/(2y) by y: −g/(2y²).
final class SqrtBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try gradient.sqrtBackward(y)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try gradient.mul(g).sqrtBackward(y).div(y).neg()
  }
}

final class RsqrtBackward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.mul(-0.5).mul(y.mul(y).mul(y))
  }
}
