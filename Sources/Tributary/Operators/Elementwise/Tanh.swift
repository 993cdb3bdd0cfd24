import CTributaryKernels

extension Tensor {
  /// The hyperbolic tangent of each element; integers are taken as float32. At most 1 ulp off in float32.
  public func tanh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_TANH, self, "tanh")
    if AutogradMode.records(self) { out.record(TanhBackward(self, result: out)) }
    return out
  }

  /// `self · (1 − y²)`, the gradient through y = tanh(x), in one kernel.
  func tanhBackward(_ y: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_TANH_BACKWARD, self, y, "tanh_backward")
    if AutogradMode.records(self, y) { out.record(TanhBackwardBackward(self, y)) }
    return out
  }
}

final class TanhBackward: ResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.tanhBackward(y)
  }
}

/// Of g·(1 − y²) by y: −2·g·y.
final class TanhBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try gradient.tanhBackward(y)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try gradient.mul(g).mul(y).mul(-2)
  }
}
