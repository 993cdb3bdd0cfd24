import CTributaryKernels

extension Tensor {
  /// The natural logarithm of each element: -inf for 0, NaN below. Integers are taken as float32.
  public func log() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_LOG, self, "log")
    if AutogradMode.records(self) { out.record(LogBackward(self), cost: .division) }
    return out
  }

  /// log(1 + x), exact also near 0.
  public func log1p() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_LOG1P, self, "log1p")
    if AutogradMode.records(self) { out.record(Log1pBackward(self), cost: .division) }
    return out
  }
}

final class LogBackward: InputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor { try g.div(x) }
}

final class Log1pBackward: InputNode, @unchecked Sendable {
  override var name: String { "Log1PBackward0" }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.div(x.add(1))
  }
}
