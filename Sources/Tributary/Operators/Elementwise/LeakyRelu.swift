import CTributaryKernels

extension Tensor {
  /// x where x > 0, else `negativeSlope · x`. For floating dtypes.
  public func leakyRelu(negativeSlope: Double = 0.01) throws(TensorError) -> Tensor {
    let slope = KernelParameters(negativeSlope)
    let out = try Unary.floatingOnly(
      TRI_UNARY_LEAKY_RELU, self, "leakyRelu", parameters: slope, cost: .plain)
    if AutogradMode.records(self) { out.record(LeakyReluBackward(self, slope)) }
    return out
  }

  /// `self` where x > 0, else slope times that.
  func leakyReluBackward(
    _ x: Tensor, _ slope: KernelParameters
  ) throws(TensorError) -> Tensor {
    let out = try slope.pass { (parameters) throws(TensorError) in
      try Binary.apply(
        TRI_BINARY_LEAKY_RELU_BACKWARD, self, x, "leaky_relu_backward", parameters: parameters)
    }
    if AutogradMode.records(self, x) { out.record(LeakyReluBackwardBackward(self, x, slope)) }
    return out
  }
}

final class LeakyReluBackward: ParameterInputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.leakyReluBackward(x, parameters)
  }
}

final class LeakyReluBackwardBackward: ParameterGradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.leakyReluBackward(x, parameters)
  }
}
