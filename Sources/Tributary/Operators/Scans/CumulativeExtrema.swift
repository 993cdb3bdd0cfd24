import CTributaryKernels

extension Tensor {
  /// The greatest of the elements up to each one along `dim`, and where it stands: int64, the last of equals.
  ///
  /// From a NaN on all are NaN, and the place is that of the last one. The gradient goes to the elements at these places.
  /// Throws where there is no such dim.
  public func cummax(_ dim: Int) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try cumulativeExtremum(TRI_SCAN_MAX, dim, "cummax", "CummaxBackward0")
  }

  /// The least of the elements up to each one along `dim`; see ``cummax(_:)``.
  public func cummin(_ dim: Int) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try cumulativeExtremum(TRI_SCAN_MIN, dim, "cummin", "CumminBackward0")
  }

  private func cumulativeExtremum(
    _ op: tri_scan_op, _ dim: Int, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let axis = try shape.index(ofDim: dim, operation)
    let indices = try Tensor.empty(shape, dtype: .int64, operation)
    let values = try Scan.apply(
      op, self, axis: axis, indices: indices, nanosecondsPerElement: 1.5, operation)
    if AutogradMode.records(self) { values.record(ChosenBackward(self, axis, indices, name)) }
    return (values, indices)
  }
}
