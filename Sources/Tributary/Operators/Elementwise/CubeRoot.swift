import CTributaryKernels

extension Tensor {
  /// The cube root of each element, with its sign; integers are taken as float32. PyTorch has none; the name is C's and
  /// NumPy's. At most 1 ulp off.
  public func cbrt() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_CBRT, self, "cbrt")
    if AutogradMode.records(self) { out.record(CbrtBackward(self, result: out), cost: .function) }
    return out
  }
}

final class CbrtBackward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.div(y.square().mul(3))
  }
}
