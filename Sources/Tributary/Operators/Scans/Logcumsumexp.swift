import CTributaryKernels

extension Tensor {
  /// log Σ exp(x) of the elements up to each one along `dim`, without overflow. Floating point only.
  ///
  /// In their order: of the sum so far and the next element the greater, and log1p(exp(−distance)). Throws where there is
  /// no such dim.
  public func logcumsumexp(_ dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "logcumsumexp")
    guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "logcumsumexp") }
    let out = try Scan.apply(
      TRI_SCAN_LOGSUMEXP, self, axis: axis, nanosecondsPerElement: 3, "logcumsumexp")
    if AutogradMode.records(self) {
      out.record(LogcumsumexpBackward(self, result: out, axis), cost: .function)
    }
    return out
  }
}

/// By x[k]: exp(x[k] − y[k]) · s[k], where s[k] = g[k] + exp(y[k] − y[k + 1]) · s[k + 1]: no exponent is above 0.
final class LogcumsumexpBackward: Node, @unchecked Sendable {
  private let axis: Int

  init(_ x: Tensor, result: Tensor, _ axis: Int) {
    self.axis = axis
    super.init(x)
    save(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    // Where nothing but −∞ has come, its distance to itself is 0, and x, which is −∞ too, has no gradient.
    let nothing = try saved(1).detach().eq(-Double.infinity)
    let y = try savedToComputing(1).maskedFill(nothing, 0)
    let step = try (y - y.shifted(axis, back: true, first: 0)).clamp(max: 0)
    let decay = try step.exp().maskedFill(nothing, 0)
    // The factor of s[k + 1] stands beside it in the recurrence, at k.
    let sums = try gradient.toComputing()
      .recurrence(decay, axis, reverse: true, "logcumsumexp_backward")
    sink[0] = try ((savedToComputing(0) - y).exp() * sums).to(inputDType(0))
  }
}
