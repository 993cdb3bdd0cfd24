import CTributaryKernels

extension Tensor {
  /// The products of the elements up to each one along `dim`, in their order. Integers and bools are multiplied in int64.
  ///
  /// One chain in each row, so that rows, not parts of them, are shared by the team. Throws where there is no such dim.
  public func cumprod(_ dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "cumprod")
    let x = dtype.isFloatingPoint ? self : try cast(to: .int64, "cumprod")
    let out = try Scan.apply(TRI_SCAN_PROD, x, axis: axis, "cumprod")
    if AutogradMode.records(self) { out.record(CumprodBackward(self, result: out, axis)) }
    return out
  }
}

/// By x[k]: the product of what stands before k, times s[k] = g[k] + x[k + 1] · s[k + 1]. No quotient, so that zeros need
/// no care.
final class CumprodBackward: Node, @unchecked Sendable {
  private let axis: Int

  init(_ x: Tensor, result: Tensor, _ axis: Int) {
    self.axis = axis
    super.init(x)
    save(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let next = try savedToComputing(0).shifted(axis, back: true, first: 0)
    let sums = try gradient.toComputing().recurrence(next, axis, reverse: true, "cumprod_backward")
    let slope = try savedToComputing(1).shifted(axis, back: false, first: 1) * sums
    sink[0] = try slope.to(inputDType(0))
  }
}
