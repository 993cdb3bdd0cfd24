import CTributaryKernels

extension Tensor {
  /// Whether all elements (over dims; none means all) are not zero. NaN is not zero.
  ///
  /// A bool tensor, whatever the dtype, and an empty list of dims means all of them, as in every reduction here;
  /// PyTorch's answers uint8 for uint8, and reduces nothing over an empty tuple.
  public func all(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try Reduction.apply(
      TRI_REDUCE_ALL, self, DimSet(dim, of: shape, "all"), keepDim: keepDim, "all")
  }

  /// Whether any element (over dims; none means all) is not zero. Otherwise as ``all(dim:keepDim:)``.
  public func any(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try Reduction.apply(
      TRI_REDUCE_ANY, self, DimSet(dim, of: shape, "any"), keepDim: keepDim, "any")
  }
}
