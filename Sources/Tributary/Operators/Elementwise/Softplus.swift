import CTributaryKernels

extension Tensor {
  /// log(1 + e^(βx)) / β of each element; x itself where β·x > `threshold`. For floating dtypes.
  public func softplus(beta: Double = 1, threshold: Double = 20) throws(TensorError) -> Tensor {
    let parameters = KernelParameters(beta, threshold)
    let out = try Unary.floatingOnly(
      TRI_UNARY_SOFTPLUS, self, "softplus", parameters: parameters)
    if AutogradMode.records(self) {
      out.record(SoftplusBackward(self, parameters), cost: .function)
    }
    return out
  }

  func softplusBackward(
    _ x: Tensor, _ parameters: KernelParameters
  ) throws(TensorError) -> Tensor {
    let out = try parameters.pass { (pointer) throws(TensorError) in
      try Binary.apply(
        TRI_BINARY_SOFTPLUS_BACKWARD, self, x, "softplus_backward", parameters: pointer,
        cost: .function)
    }
    if AutogradMode.records(self, x) {
      out.record(SoftplusBackwardBackward(self, x, parameters), cost: .function)
    }
    return out
  }
}

final class SoftplusBackward: ParameterInputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.softplusBackward(x, parameters)
  }
}

/// The gradient is sigmoid(βx); its own, β·s·(1 − s), ends at the threshold.
final class SoftplusBackwardBackward: ParameterGradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.softplusBackward(x, parameters)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ x: Tensor
  ) throws(TensorError) -> Tensor {
    let scaled = try x.mul(parameters.first)
    let curve = try gradient.mul(g).mul(parameters.first).sigmoidBackward(scaled.sigmoid())
    return try Tensor.where(scaled.gt(parameters.second), 0.0, curve)
  }
}
