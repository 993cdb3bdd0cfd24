import CTributaryKernels

extension Tensor {
  /// The sums of the elements up to each one along `dim`, in their order. Integers and bools are summed in int64.
  ///
  /// Blocks of 4,032 elements are summed one after another, and to a block's sums what stands before it is added
  /// (tri_scan.h): few long rows are shared by the team too. Throws where there is no such dim.
  public func cumsum(_ dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "cumsum")
    let x = dtype.isFloatingPoint ? self : try cast(to: .int64, "cumsum")
    let out = try x.cumulated(axis, reverse: false)
    if AutogradMode.records(self) { out.record(CumsumBackward(self, axis, reverse: false)) }
    return out
  }

  /// From the last element on where `reverse`: what is the gradient of the other.
  fileprivate func cumulated(_ axis: Int, reverse: Bool) throws(TensorError) -> Tensor {
    try Scan.apply(
      TRI_SCAN_SUM, self, axis: axis, reverse: reverse, nanosecondsPerElement: 0.8, "cumsum")
  }
}

final class CumsumBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let reverse: Bool

  init(_ x: Tensor, _ axis: Int, reverse: Bool) {
    (self.axis, self.reverse) = (axis, reverse)
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let out = try gradient.cumulated(axis, reverse: !reverse)
    if AutogradMode.records(gradient) {
      out.record(CumsumBackward(gradient, axis, reverse: !reverse))
    }
    sink[0] = out
  }
}
