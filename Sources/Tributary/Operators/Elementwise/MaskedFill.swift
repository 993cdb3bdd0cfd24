extension Tensor {
  /// `value` where `mask`, a bool tensor, holds, else the element; the two broadcast. Of this dtype.
  ///
  /// Throws for a mask of another dtype, and for a `value` that an integer dtype does not hold.
  public func maskedFill(_ mask: Tensor, _ value: Double) throws(TensorError) -> Tensor {
    guard mask.dtype == .bool else {
      throw TensorError(
        .dtypeMismatch, "maskedFill", dtypes: [mask.dtype],
        "the mask must be bool; compare first, or convert with to(.bool)")
    }
    let number = try number(value, "maskedFill")
    let out = try Selection.apply(mask, number, detach())
    if AutogradMode.records(self) { out.record(MaskedFillBackward(self, mask)) }
    return out
  }
}

final class MaskedFillBackward: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ x: Tensor, _ mask: Tensor) {
    super.init(x)
    save(mask)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      sink[0] = try fitted(gradient.maskedFill(saved(0), 0), toInput: 0)
    }
  }
}
