/// How operators whose kernels know no halves take them.
///
/// Those that are one kernel cast what they hand it (``DType/computing``); those composed of several, which would round
/// in between, are computed in float32 from the first to the last, and so are their gradients: the casts are nodes.
///
/// So is what one node computes: of a gradient made by several kernels only the last result is rounded, to the dtype of
/// the input that it belongs to.
extension Tensor {
  /// `body` of these elements in float32, rounded once to this dtype; recorded by what `body` and the casts record.
  package func widened(
    _ body: (Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    try body(to(.float32)).to(dtype)
  }

  /// The same of two operands, promoted by PyTorch's rules as `body` does.
  package func widened(
    with other: Tensor, _ body: (Tensor, Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    try body(to(.float32), other.to(.float32)).to(promotedDType(with: other))
  }

  /// In float32 where this is a half, else this tensor itself; recorded.
  package func toComputing() throws(TensorError) -> Tensor { try to(dtype.computing) }

  /// The elements in the dtype that kernels compute in; not recorded.
  package func castToComputing(_ operation: StaticString) throws(TensorError) -> Tensor {
    try cast(to: dtype.computing, operation)
  }
}

extension Node {
  /// A saved tensor as a gradient that takes several kernels is computed from it; recorded.
  package func savedToComputing(_ index: Int) throws(TensorError) -> Tensor {
    try saved(index).toComputing()
  }

  /// A gradient of which one kernel will make another that is summed to the shape of input `index`: in float32 where the
  /// sum would add what has been rounded to a half.
  @inline(__always)
  package func beforeSum(_ gradient: Tensor, toInput index: Int) throws(TensorError) -> Tensor {
    gradient.dtype.isHalf && gradient.shape != inputShape(index)
      ? try gradient.toComputing() : gradient
  }
}
