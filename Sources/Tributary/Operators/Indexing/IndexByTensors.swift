extension Tensor {
  /// This index tensor as int64 positions along a dim, or, for bools, along each of its dims.
  func positions(in shape: Shape, at dim: Int) throws(TensorError) -> [Tensor] {
    switch dtype {
    case .int64, .int32, .uint8: return [try detach().to(.int64)]
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

  /// The indices, one row each, of the elements that are not zero: int64, `[n, rank]`. Not differentiable.
  public func nonzero() throws(TensorError) -> Tensor {
    var found: [Int] = []
    var walk = LayoutWalk(layout)
    var index = Array(repeating: 0, count: rank)
    for _ in 0..<count {
      // SAFETY: the walk stays within this tensor.
      if scalar(at: pointer + walk.position * dtype.itemSize).double != 0 { found += index }
      walk.advance()
      var dim = rank - 1
      while dim >= 0 {
        index[dim] += 1
        if index[dim] < shape[dim] { break }
        index[dim] = 0
        dim -= 1
      }
    }
    if rank == 0 {
      let isZero = scalar(at: pointer).double == 0
      return try .empty([isZero ? 0 : 1, 0], dtype: .int64, "nonzero")
    }
    return try Tensor(scalars: found, shape: [found.count / rank, rank])
  }

  /// The elements at broadcast positions along each named dim.
  func index(by indices: [(dim: Int, index: Tensor)]) throws(TensorError) -> Tensor {
    try index(by: indices, "index", backward: "IndexBackward0")
  }

  private func index(
    by indices: [(dim: Int, index: Tensor)], _ operation: StaticString, backward: String
  ) throws(TensorError) -> Tensor {
    let plan = try IndexPlan(shape, indices, operation)
    // Detached, for it may be a view of rows that are in no graph: after a change in place it would take its
    // history from them.
    let out = try noGrad { () throws(TensorError) in try plan.take(from: self) }.detach()
    if AutogradMode.records(self) { out.record(IndexBackward(self, plan, backward)) }
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
    var indices: [(dim: Int, index: Tensor)] = []
    for i in 0..<rank {
      if i == axis {
        indices.append((i, try index.wholePositions("gather")))
      } else {
        var line = Shape(repeating: 1, rank: rank)
        line[i] = index.shape[i]
        indices.append((i, try Tensor.arange(index.shape[i]).reshape(line)))
      }
    }
    return try self.index(by: indices, "gather", backward: "GatherBackward0")
  }

  /// This index as int64.
  private func wholePositions(_ operation: StaticString) throws(TensorError) -> Tensor {
    guard !dtype.isFloatingPoint, dtype != .bool else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype], "an index holds whole numbers")
    }
    return try to(.int64)
  }
}

/// How to read the result of an index by tensors: rows of the tensor, its indexed dims moved to the front, at
/// the row numbers that the positions make up.
private struct IndexPlan: Sendable {
  /// The indexed dims, then the others.
  private let order: [Int]
  private let source: Shape
  /// The broadcast shape of the index tensors.
  private let picked: Shape
  /// The sizes of the dims that are not indexed.
  private let rest: Shape
  /// Where the picked dims go in the result.
  private let place: Int
  private let rows: Tensor
  private let rowCount: Int

  init(
    _ shape: Shape, _ indices: [(dim: Int, index: Tensor)], _ operation: StaticString
  ) throws(TensorError) {
    var picked = indices[0].index.shape
    for (_, index) in indices.dropFirst() {
      picked = try Shape.broadcast(picked, index.shape, operation)
    }
    let dims = indices.map(\.dim)
    let others = (0..<shape.rank).filter { !dims.contains($0) }
    order = dims + others
    source = shape
    rest = Shape(others.map { shape[$0] })
    self.picked = picked
    let adjacent = zip(dims, dims.dropFirst()).allSatisfy { $0 + 1 == $1 }
    place = adjacent ? dims[0] : 0
    guard picked.rank + rest.rank <= Shape.maximumRank else {
      throw TensorError(
        .invalidShape, operation, shapes: [shape, picked],
        "the result would have more than \(Shape.maximumRank) dims")
    }
    guard let pickedCount = picked.checkedElementCount else {
      throw TensorError(
        .invalidShape, operation, shapes: [shape, picked],
        "the index tensors broadcast to more elements than can be counted")
    }
    var rowCount = 1
    let rows = try Tensor.filled([pickedCount], .integer(0), dtype: .int64, operation)
    let row = rows.pointer.assumingMemoryBound(to: Int.self)
    for (dim, index) in indices {
      let size = shape[dim]
      let spread = try index.broadcastTo(picked).denseCopyIfStrided(operation)
      let position = spread.pointer.assumingMemoryBound(to: Int.self)
      for i in 0..<rows.count {
        // SAFETY: both hold as many int64.
        let p = position[i]
        guard p >= -size, p < size else {
          throw TensorError(
            .indexOutOfRange, operation, shapes: [shape],
            "index \(p) is out of range for dim \(dim) of size \(size)")
        }
        row[i] = row[i] * size + (p < 0 ? p + size : p)
      }
      withExtendedLifetime(spread) {}
      rowCount *= size
    }
    self.rows = rows
    self.rowCount = rowCount
  }

  private var width: Int { rest.reduce(1, *) }

  /// The result's dims as the rows have them: picked, then the rest.
  private var gathered: Shape { Shape(Array(picked) + Array(rest)) }

  /// The order that puts the picked dims at their place.
  private var placing: [Int] {
    let (p, r) = (picked.rank, rest.rank)
    return Array(p..<(p + place)) + Array(0..<p) + Array((p + place)..<(p + r))
  }

  func take(from x: Tensor) throws(TensorError) -> Tensor {
    try x.permute(order).reshape([rowCount, width]).takeRows(rows)
      .reshape(gathered).permute(placing).contiguous()
  }

  /// The gradient of the tensor: the result's, added to zeros at its rows. Differentiable.
  func put(_ gradient: Tensor) throws(TensorError) -> Tensor {
    try gradient.permute(Self.inverse(placing)).reshape([rows.count, width])
      .scatterRows(rows, rowCount)
      .reshape(Shape(order.map { source[$0] })).permute(Self.inverse(order))
  }

  private static func inverse(_ order: [Int]) -> [Int] {
    var result = order
    for (i, dim) in order.enumerated() { result[dim] = i }
    return result
  }
}

final class IndexBackward: Node, @unchecked Sendable {
  private let plan: IndexPlan
  private let ownName: String

  fileprivate init(_ x: Tensor, _ plan: IndexPlan, _ name: String) {
    (self.plan, ownName) = (plan, name)
    super.init(x)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try plan.put(gradient) }
  }
}
