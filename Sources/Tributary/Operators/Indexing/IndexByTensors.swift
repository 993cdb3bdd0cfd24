extension Tensor {
  /// This index tensor as int64 positions along a dim, or, for bools, along each of its dims.
  func positions(in shape: Shape, at dim: Int) throws(TensorError) -> [Tensor] {
    switch dtype {
    case .int64, .int32: return [try detach().to(.int64)]
    case .uint8:
      // PyTorch takes it for a mask, other libraries for positions.
      throw TensorError(
        .dtypeMismatch, "index", dtypes: [dtype],
        "convert to int64 for positions, or to bool for a mask")
    case .bool:
      for i in 0..<rank where self.shape[i] != shape[dim + i] {
        throw TensorError(
          .shapeMismatch, "index", shapes: [shape, self.shape],
          "a bool index has the sizes of the dims that it indexes, here from dim \(dim) on")
      }
      guard rank > 0 else {
        throw TensorError(
          .invalidArgument, "index", shapes: [shape], "a bool index needs at least one dim")
      }
      return try nonzero().unbind(1)
    case .float32, .float64:
      throw TensorError(
        .dtypeMismatch, "index", dtypes: [dtype], "index tensors hold whole numbers or bools")
    }
  }

  /// The elements at broadcast positions along each named dim.
  func index(by indices: [(dim: Int, index: Tensor)]) throws(TensorError) -> Tensor {
    try index(by: indices, "index", backward: "IndexBackward0")
  }

  private func index(
    by indices: [(dim: Int, index: Tensor)], _ operation: StaticString, backward: String
  ) throws(TensorError) -> Tensor {
    let (plan, rows) = try IndexPlan.make(shape, indices, operation)
    // Detached, for it may be a view of rows that are in no graph: after a change in place it would take its
    // history from them.
    let out = try noGrad { () throws(TensorError) in try plan.take(rows, from: self) }.detach()
    if AutogradMode.records(self) { out.record(IndexBackward(self, plan, rows, backward)) }
    return out
  }

  /// The positions of dim `dim` that `index` names, a tensor of one dim. Copies.
  ///
  /// Negative positions count from the end. Throws for one out of range, or another kind of index.
  public func indexSelect(_ dim: Int, _ index: Tensor) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "indexSelect")
    guard rank > 0, index.rank <= 1 else {
      throw TensorError(
        .shapeMismatch, "indexSelect", shapes: [shape, index.shape],
        "needs a tensor with dims, and an index of one dim")
    }
    let positions = try index.reshape([-1]).wholePositions("indexSelect")
    return try self.index(
      by: [(axis, positions)], "indexSelect", backward: "IndexSelectBackward0")
  }

  /// For each place of `index` the element there, but at the position along `dim` that `index` holds.
  ///
  /// `index` has as many dims as this tensor, and no greater sizes but along `dim`. Negative positions count
  /// from the end. The gradient is added up in the order of `index`.
  public func gather(_ dim: Int, _ index: Tensor) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "gather")
    var fits = index.rank == rank
    for i in 0..<rank where fits && i != axis && index.shape[i] > shape[i] { fits = false }
    guard fits else {
      throw TensorError(
        .shapeMismatch, "gather", shapes: [shape, index.shape],
        "the index has as many dims, and no greater sizes but along dim \(axis)")
    }
    if rank == 0 { return try reshape([1]).gather(0, index.reshape([1])).reshape([]) }
    let indices = try elementPositions(axis, index, "gather")
    return try self.index(by: indices, "gather", backward: "GatherBackward0")
  }

  /// The position of each place of `index` along every dim: what it holds along `axis`, else its own.
  func elementPositions(
    _ axis: Int, _ index: Tensor, _ operation: StaticString
  ) throws(TensorError) -> [(dim: Int, index: Tensor)] {
    var indices: [(dim: Int, index: Tensor)] = []
    for i in 0..<rank {
      if i == axis {
        indices.append((i, try index.wholePositions(operation)))
      } else {
        var line = Shape(repeating: 1, rank: rank)
        line[i] = index.shape[i]
        indices.append((i, try Tensor.arange(index.shape[i]).reshape(line)))
      }
    }
    return indices
  }

  /// This index as int64.
  func wholePositions(_ operation: StaticString) throws(TensorError) -> Tensor {
    guard !dtype.isFloatingPoint, dtype != .bool else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype], "an index holds whole numbers")
    }
    return try to(.int64)
  }
}
