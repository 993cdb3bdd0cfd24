import CTributaryKernels

extension Tensor {
  /// For each of `values` the place in this sorted row at which it would have to be put in, so that the row stays sorted:
  /// int64, of the shape of `values`. Not differentiable.
  ///
  /// - Parameters:
  ///   - values: where this tensor has one dim, of any shape; else of the same sizes but in the last dim, each row being
  ///     sought in its own
  ///   - right: false: before elements equal to it; true: behind them
  ///   - sorter: what ``argsort(dim:descending:)`` gives for a tensor that is not sorted itself; of this shape
  /// - Throws: where the shapes do not fit.
  ///
  /// The dtypes are promoted. A NaN counts as greater than all numbers. By halves: log₂ of the length steps for each value.
  public func searchsorted(
    _ values: Tensor, right: Bool = false, sorter: Tensor? = nil
  ) throws(TensorError) -> Tensor {
    var fits = rank >= 1 && (rank == 1 || values.rank == rank)
    for i in 0..<Swift.max(rank - 1, 0) where fits { fits = values.shape[i] == shape[i] }
    guard fits else {
      throw TensorError(
        .shapeMismatch, "searchsorted", shapes: [shape, values.shape],
        "needs a sorted tensor of one dim, or values of the same sizes but in the last dim")
    }
    var sequence = detach()
    if let sorter {
      guard sorter.shape == shape else {
        throw TensorError(
          .shapeMismatch, "searchsorted", shapes: [shape, sorter.shape],
          "the sorter has a place for each element of the sorted tensor")
      }
      sequence = try sequence.gather(-1, sorter)
    }
    let common = dtype.promoted(with: values.dtype).computing
    let (sorted, sought) = (
      try sequence.cast(to: common, "searchsorted").denseCopyIfStrided("searchsorted"),
      try values.detach().cast(to: common, "searchsorted").denseCopyIfStrided("searchsorted")
    )
    let out = try Tensor.empty(values.shape, dtype: .int64, "searchsorted")
    if out.count == 0 { return out }
    let n = shape[rank - 1]
    let perRow = rank == 1 ? out.count : values.shape[rank - 1]
    let stride = rank == 1 ? 0 : n
    let (from, of) = (sorted.pointer, sought.pointer)
    // SAFETY: dense tensors of these sizes, held below; each range writes its own elements.
    nonisolated(unsafe) let to = out.pointer.assumingMemoryBound(to: Int64.self)
    Reduction.split(
      units: out.count, elementsPerUnit: 1,
      nanosecondsPerElement: 3 * Double(n.bitWidth - n.leadingZeroBitCount)
    ) { first, end in
      tri_search_sorted(
        common.kernel, from, Int64(n), Int64(stride), of, Int64(perRow), Int64(first), Int64(end),
        right, to)
    }
    withExtendedLifetime((sorted, sought)) {}
    return out
  }

  /// For each element the number of the bucket between `boundaries`, ascending, of one dim, in which it lies: int64, of this
  /// shape.
  ///
  /// Bucket i holds what is above boundary i − 1 and at most boundary i; with `right` what is at least boundary i − 1 and
  /// below boundary i. Throws unless the boundaries have one dim. See ``searchsorted(_:right:sorter:)``.
  public func bucketize(_ boundaries: Tensor, right: Bool = false) throws(TensorError) -> Tensor {
    guard boundaries.rank == 1 else {
      throw TensorError(
        .shapeMismatch, "bucketize", shapes: [shape, boundaries.shape],
        "the boundaries have one dim")
    }
    return try boundaries.searchsorted(self, right: right)
  }
}
