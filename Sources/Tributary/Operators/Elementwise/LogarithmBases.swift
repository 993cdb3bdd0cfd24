import CTributaryKernels

extension Tensor {
  /// 2 to the power of each element; integers are taken as float32. At most 1 ulp off in float32.
  public func exp2() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_EXP2, self, "exp2")
    if AutogradMode.records(self) { out.record(Exp2Backward(self, result: out), cost: .function) }
    return out
  }

  /// The logarithm to base 2: -inf for 0, NaN below. Integers are taken as float32.
  public func log2() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_LOG2, self, "log2")
    if AutogradMode.records(self) { out.record(Log2Backward(self), cost: .function) }
    return out
  }

  /// The logarithm to base 10: -inf for 0, NaN below. Integers are taken as float32.
  public func log10() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_LOG10, self, "log10")
    if AutogradMode.records(self) { out.record(Log10Backward(self), cost: .function) }
    return out
  }
}

/// Of 2ʸ: log 2 times itself.
final class Exp2Backward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.mul(y.mul(0x1.62e42fefa39efp-1))
  }
}

final class Log2Backward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.div(x.mul(0x1.62e42fefa39efp-1))
  }
}

final class Log10Backward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.div(x.mul(0x1.26bb1bbb55516p1))
  }
}
