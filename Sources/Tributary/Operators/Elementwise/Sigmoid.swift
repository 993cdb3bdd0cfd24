import CTributaryKernels

extension Tensor {
  /// 1 / (1 + e⁻ˣ) of each element; integers are taken as float32.
  public func sigmoid() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_SIGMOID, self, "sigmoid")
    if AutogradMode.records(self) { out.record(SigmoidBackward(self, result: out)) }
    return out
  }

  /// `self · (1 − y) · y`, the gradient through y = sigmoid(x), in one kernel.
  func sigmoidBackward(_ y: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_SIGMOID_BACKWARD, self, y, "sigmoid_backward")
    if AutogradMode.records(self, y) { out.record(SigmoidBackwardBackward(self, y)) }
    return out
  }
}

final class SigmoidBackward: ResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.sigmoidBackward(y)
  }
}

/// Of g·(1 − y)·y by y: g·(1 − 2y).
final class SigmoidBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try gradient.sigmoidBackward(y)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try gradient.mul(g).mul(1 - 2 * y)
  }
}
