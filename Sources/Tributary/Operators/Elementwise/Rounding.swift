import CTributaryKernels

extension Tensor {
  /// The largest whole number not above each element; integers stay. Its gradient is zero, as that of the next
  /// three.
  public func floor() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_FLOOR, self, "floor")
    if AutogradMode.records(self) { out.record(FloorBackward(self)) }
    return out
  }

  /// The smallest whole number not below each element.
  public func ceil() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_CEIL, self, "ceil")
    if AutogradMode.records(self) { out.record(CeilBackward(self)) }
    return out
  }

  /// The nearest whole number; halves go to the even one.
  public func round() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_ROUND, self, "round")
    if AutogradMode.records(self) { out.record(RoundBackward(self)) }
    return out
  }

  /// Each element without its fraction.
  public func trunc() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_TRUNC, self, "trunc")
    if AutogradMode.records(self) { out.record(TruncBackward(self)) }
    return out
  }
}

final class FloorBackward: ZeroGradientNode, @unchecked Sendable {}
final class CeilBackward: ZeroGradientNode, @unchecked Sendable {}
final class RoundBackward: ZeroGradientNode, @unchecked Sendable {}
final class TruncBackward: ZeroGradientNode, @unchecked Sendable {}
