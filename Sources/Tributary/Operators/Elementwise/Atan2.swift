import CTributaryKernels

extension Tensor {
  /// The angle of the point (`other`, `self`) from the first axis, between −π and π, element by element, broadcast;
  /// of integers, as float32. Zeros and infinities as C99 has them. At most 1 ulp off.
  public func atan2(_ other: Tensor) throws(TensorError) -> Tensor {
    let dtype = promotedDType(with: other).floating
    let out = try Binary.apply(
      TRI_BINARY_ATAN2, cast(to: dtype, "atan2"), other.cast(to: dtype, "atan2"), "atan2",
      cost: .function)
    if AutogradMode.records(self, other) {
      out.record(Atan2Backward(self, other), cost: .function)
    }
    return out
  }
}

/// By y: x / (x² + y²), by x: −y / (x² + y²), and 0 by both at the origin.
final class Atan2Backward: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ y: Tensor, _ x: Tensor) {
    super.init(y, x)
    save(y)
    save(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (y, x) = (try savedToComputing(0), try savedToComputing(1))
    // A 1 in place of a 0, so that no infinity meets the zeros above it, here and in gradients of gradients.
    let square = try y.square().add(x.square())
    let share = try gradient.toComputing().div(Tensor.where(square.eq(0), 1, square))
    if sink.wants(0) { sink[0] = try fitted(share.mul(x), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(share.mul(y).neg(), toInput: 1) }
  }
}
