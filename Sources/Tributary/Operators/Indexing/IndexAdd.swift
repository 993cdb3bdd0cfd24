extension Tensor {
  /// These elements, and the slices of `source` along `dim`, times `alpha`, added to those that `index` names. Not in
  /// place.
  ///
  /// - Parameters:
  ///   - index: whole numbers, of one dim
  ///   - source: of this dtype and shape, but along `dim` as long as `index`
  /// - Throws: where these do not fit, and for a position out of range, with the first such and the size.
  ///
  /// Each element is summed by one worker, from the one here on, in the order of `index`. What no position names keeps its
  /// bits, but for the NaNs of halves, which become the dtype's own.
  public func indexAdd(
    _ dim: Int, _ index: Tensor, _ source: Tensor, alpha: Double = 1
  ) throws(TensorError) -> Tensor {
    let (axis, places) = try slicePlaces(dim, index, source, "indexAdd")
    if alpha != 1, dtype.isHalf {
      return try widened(with: source) { (x, source) throws(TensorError) in
        try x.indexAdd(dim, index, source, alpha: alpha)
      }
    }
    var scaled = source
    if alpha != 1 {
      if dtype.isFloatingPoint {
        scaled = try source.mul(alpha)
      } else {
        guard let factor = Int(exactly: alpha), dtype != .bool else {
          throw TensorError(
            .dtypeMismatch, "indexAdd", dtypes: [dtype],
            "alpha must be a whole number where the elements are \(dtype)")
        }
        scaled = try source.mul(factor)
      }
    }
    return try adding(scaled, axis, places, "indexAdd", "IndexAddBackward0")
  }

  /// These elements, but the slices of `source` along `dim` for those that `index` names. Not in place.
  ///
  /// `index` and `source` as those of ``indexAdd(_:_:_:alpha:)``. Of several for one slice the last stays, and its gradient
  /// goes to that one alone.
  public func indexCopy(
    _ dim: Int, _ index: Tensor, _ source: Tensor
  ) throws(TensorError) -> Tensor {
    let (axis, places) = try slicePlaces(dim, index, source, "indexCopy")
    return try replacing(source, axis, places, "indexCopy", "IndexCopyBackward0")
  }

  /// These elements, but `value` in the slices along `dim` that `index` names. Not in place.
  ///
  /// Throws for a position out of range, and for a number that the dtype does not hold.
  public func indexFill(
    _ dim: Int, _ index: Tensor, _ value: Double
  ) throws(TensorError) -> Tensor {
    try indexFill(dim, index, number(value, "indexFill"))
  }

  /// The same with a tensor without dims, of this dtype, which gets the sum of the gradients of what it fills.
  public func indexFill(
    _ dim: Int, _ index: Tensor, _ value: Tensor
  ) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "indexFill")
    guard value.rank == 0, value.dtype == dtype, index.rank <= 1 else {
      throw TensorError(
        .shapeMismatch, "indexFill", shapes: [shape, index.shape, value.shape],
        dtypes: [dtype, value.dtype], "takes an index of one dim and a number of this dtype")
    }
    if rank == 0 { return try reshape([1]).indexFill(0, index, value).reshape([]) }
    // Once for each position: the gradient of what is filled twice counts once.
    let places = try alongDim(axis, index, "indexFill")
    return try replacing(
      value.broadcastTo(places.shape), axis, places, "indexFill", "IndexFillBackward0")
  }

  private func slicePlaces(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ operation: StaticString
  ) throws(TensorError) -> (axis: Int, places: Tensor) {
    let axis = try shape.index(ofDim: dim, operation)
    var expected = shape
    if rank > 0 { expected[axis] = index.count }
    guard index.rank <= 1, source.shape == expected, source.dtype == dtype,
      rank > 0 || index.count == 1
    else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape, index.shape, source.shape],
        dtypes: [dtype, source.dtype],
        "takes an index of one dim, and a source of this dtype and shape, but along dim \(axis) as long as the index"
      )
    }
    if rank == 0 { return (0, try index.reshape([]).wholePositions(operation)) }
    return (axis, try alongDim(axis, index, operation))
  }
}
