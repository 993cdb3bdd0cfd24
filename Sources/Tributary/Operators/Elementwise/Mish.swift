import CTributaryKernels

extension Tensor {
  /// x · tanh(log(1 + eˣ)) of each element (Misra 2019). For floating dtypes; -inf gives NaN, as in PyTorch.
  public func mish() throws(TensorError) -> Tensor {
    let out = try Unary.floatingOnly(TRI_UNARY_MISH, self, "mish")
    if AutogradMode.records(self) { out.record(MishBackward(self), cost: .function) }
    return out
  }
}

/// With t = tanh(softplus(x)) and s = sigmoid(x): t + x·s·(1 − t²).
final class MishBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let t = try x.softplus().tanh()
    return try g.mul(t.add(x.mul(x.sigmoid()).mul(1 - t.square())))
  }
}
