extension Tensor {
  /// These elements, but `values` at the positions that `indices` name, as `x[indices] = values`; added to what is there
  /// where `accumulate`. Not in place.
  ///
  /// - Parameters:
  ///   - indices: for the first dims, in order: whole numbers, or bools, which stand for the positions that are true;
  ///     they broadcast
  ///   - values: of this dtype; broadcasts to the shape of `self[indices]`
  /// - Throws: where these do not fit, and for a position out of range, with the first such and the size.
  ///
  /// Each element has one owner, who takes what goes there in the order of the indices: sums have the same bits in every
  /// run, and where several replace one element the last stays.
  public func indexPut(
    _ indices: [Tensor], _ values: Tensor, accumulate: Bool = false
  ) throws(TensorError) -> Tensor {
    guard values.dtype == dtype else {
      throw TensorError(
        .dtypeMismatch, "indexPut", dtypes: [dtype, values.dtype],
        "values must have this tensor's dtype; convert with to(_:) first")
    }
    guard !indices.isEmpty else {
      throw TensorError(.invalidArgument, "indexPut", "needs at least one index")
    }
    var positions: [(dim: Int, index: Tensor)] = []
    for index in indices {
      let dims = index.dtype == .bool ? index.rank : 1
      guard positions.count + dims <= rank else {
        throw TensorError(
          .indexOutOfRange, "indexPut", shapes: [shape] + indices.map(\.shape),
          "more indices than the tensor has dims")
      }
      for found in try index.positions(in: shape, at: positions.count) {
        positions.append((positions.count, found))
      }
    }
    let (plan, rows) = try IndexPlan.make(shape, positions, "indexPut")
    return try plan.replace(self, values, rows, accumulate: accumulate)
  }

  /// The flattened tensor with `source` at the positions of `index`, in this shape; added where `accumulate`.
  ///
  /// `source` has as many elements as `index`, and this dtype. Throws where these do not fit, and for a position out of
  /// range.
  public func put(
    _ index: Tensor, _ source: Tensor, accumulate: Bool = false
  ) throws(TensorError) -> Tensor {
    guard index.count == source.count else {
      throw TensorError(
        .shapeMismatch, "put", shapes: [shape, index.shape, source.shape],
        "needs one element for each position")
    }
    let (flat, places, part) = (
      try reshape([-1]), try index.reshape([-1]), try source.reshape([-1])
    )
    let out =
      try accumulate ? flat.indexAdd(0, places, part) : flat.indexCopy(0, places, part)
    return try out.reshape(shape)
  }
}

extension IndexPlan {
  /// x with `values` in, or added to, its rows.
  func replace(
    _ x: Tensor, _ values: Tensor, _ rows: Tensor, accumulate: Bool
  ) throws(TensorError) -> Tensor {
    guard values.shape.broadcasts(to: resultShape) else {
      throw TensorError(
        .shapeMismatch, "indexPut", shapes: [x.shape, values.shape],
        "values do not broadcast to \(resultShape), the shape of what is named")
    }
    let part = try asRows(values.expand(resultShape), rows.count)
    let matrix = try asMatrix(x)
    let out =
      try accumulate
      ? matrix.indexAdd(0, rows, part) : matrix.indexCopy(0, rows, part)
    return try fromMatrix(out).contiguous()
  }
}
