import CTributaryKernels

extension Tensor {
  /// y with y[i] = x[i] + factor[i] · y[i − 1] along `axis`, from nothing; or with y[i + 1], from the end, where `reverse`.
  /// `factor` is of this shape and dtype; its first element (last, where `reverse`) decides nothing.
  ///
  /// What gradients of running products and their kin are made of: unlike a quotient it holds where factors are zero, and
  /// it is its own gradient, so that it can be differentiated without end.
  func recurrence(
    _ factor: Tensor, _ axis: Int, reverse: Bool, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try Scan.apply(
      TRI_SCAN_RECURRENCE, self, factor: factor, axis: axis, reverse: reverse, operation)
    if AutogradMode.records(self, factor) {
      out.record(RecurrenceBackward(self, factor, result: out, axis, reverse: reverse))
    }
    return out
  }

  /// The elements one place on along `axis` (one back, where `back`), and `first` in the place that is left.
  func shifted(_ axis: Int, back: Bool, first: Double) throws(TensorError) -> Tensor {
    if count == 0 || rank == 0 { return try Tensor.full(shape, first, dtype: dtype) }
    var edge = shape
    edge[axis] = 1
    let filler = try Tensor.full(edge, first, dtype: dtype)
    let rest = try narrow(axis, back ? 1 : 0, shape[axis] - 1)
    return try Tensor.cat(back ? [rest, filler] : [filler, rest], dim: axis)
  }
}

/// With t the gradient of y: t goes back through the same factors, t' = t + factor' · t', in the other direction; that is
/// the gradient of x, and times the y before it that of the factor.
final class RecurrenceBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let reverse: Bool

  init(_ x: Tensor, _ factor: Tensor, result: Tensor, _ axis: Int, reverse: Bool) {
    (self.axis, self.reverse) = (axis, reverse)
    super.init(x, factor)
    save(factor)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let factor = try saved(0).shifted(axis, back: !reverse, first: 0)
    let t = try gradient.recurrence(factor, axis, reverse: !reverse, "recurrence_backward")
    if sink.wants(0) { sink[0] = t }
    if sink.wants(1) { sink[1] = try t * saved(1).shifted(axis, back: reverse, first: 0) }
  }
}
