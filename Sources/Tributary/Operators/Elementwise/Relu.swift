import CTributaryKernels

extension Tensor {
  /// max(x, 0) of each element; NaN stays. Throws for bool.
  public func relu() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_RELU, self, "relu")
    if AutogradMode.records(self) { out.record(ReluBackward(self, result: out)) }
    return out
  }

  /// `self` where x > 0, else 0; x may be the input of relu or its result.
  func reluBackward(_ x: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_RELU_BACKWARD, self, x, "threshold_backward")
    if AutogradMode.records(self, x) { out.record(ReluBackwardBackward(self, x)) }
    return out
  }
}

/// The result is kept and not the input: what follows often keeps the result too.
final class ReluBackward: ResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.reluBackward(y)
  }
}

final class ReluBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override var name: String { "ThresholdBackwardBackward0" }

  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.reluBackward(x)
  }
}
