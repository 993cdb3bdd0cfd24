import CTributaryKernels

extension Tensor {
  /// √(self² + other²), element by element, broadcast, without overflow on the way.
  ///
  /// For floating dtypes; at most 1 ulp off. An infinity beside a NaN gives infinity, as C99 has it. At the origin the gradient is NaN, as in PyTorch.
  public func hypot(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_HYPOT, self, other, "hypot", cost: .division)
    if AutogradMode.records(self, other) {
      out.record(HypotBackward(self, other), cost: .division)
    }
    return out
  }
}

/// By x: x / √(x² + y²), by y likewise.
///
/// The length is not saved but computed again: its bits are the same, and recording stays at three objects.
final class HypotBackward: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ x: Tensor, _ y: Tensor) {
    super.init(x, y)
    save(x)
    save(y)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (x, y) = (try savedToComputing(0), try savedToComputing(1))
    let gradient = try gradient.toComputing()
    let length = try x.hypot(y)
    if sink.wants(0) { sink[0] = try fitted(gradient.mul(x.div(length)), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(gradient.mul(y.div(length)), toInput: 1) }
  }
}
