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
    case .float32, .float64, .float16, .bfloat16:
      throw TensorError(
        .dtypeMismatch, "index", dtypes: [dtype], "index tensors hold whole numbers or bools")
    }
  }

  /// The elements at broadcast positions along each named dim.
  func index(by indices: [(dim: Int, index: Tensor)]) throws(TensorError) -> Tensor {
    if indices.count == 1, indices[0].index.rank == 1 {
      // Along one dim: read where it lies.
      let (dim, index) = indices[0]
      return try gathered(dim, alongDim(dim, index, "index"), "index", "IndexBackward0")
    }
    let (plan, rows) = try IndexPlan.make(shape, indices, "index")
    // Detached, for it may be a view of rows that are in no graph: after a change in place it would take its
    // history from them.
    let out = try noGrad { () throws(TensorError) in try plan.take(rows, from: self) }.detach()
    if AutogradMode.records(self) { out.record(IndexBackward(self, plan, rows, "IndexBackward0")) }
    return out
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
