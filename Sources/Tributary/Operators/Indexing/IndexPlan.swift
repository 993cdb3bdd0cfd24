/// How to read the result of an index by tensors: rows of the tensor, its indexed dims moved to the front, at
/// the row numbers that the positions make up.
struct IndexPlan: Sendable {
  /// The indexed dims, then the others.
  private let order: [Int]
  private let source: Shape
  /// The broadcast shape of the index tensors.
  private let picked: Shape
  /// The sizes of the dims that are not indexed.
  private let rest: Shape
  /// Where the picked dims go in the result.
  private let place: Int
  private let rowCount: Int

  /// The plan, and the row numbers: int64, [number of picked positions].
  static func make(
    _ shape: Shape, _ indices: [(dim: Int, index: Tensor)], _ operation: StaticString
  ) throws(TensorError) -> (plan: IndexPlan, rows: Tensor) {
    let plan = try IndexPlan(shape, indices, operation)
    return (plan, try plan.rows(indices, operation))
  }

  private init(
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
    guard picked.checkedElementCount != nil else {
      throw TensorError(
        .invalidShape, operation, shapes: [shape, picked],
        "the index tensors broadcast to more elements than can be counted")
    }
    // An empty tensor may have other dims of any size.
    guard let rowCount = Shape(dims.map { shape[$0] }).checkedElementCount else {
      throw TensorError(
        .invalidShape, operation, shapes: [shape],
        "the indexed dims have more positions than can be counted")
    }
    self.rowCount = rowCount
  }

  private func rows(
    _ indices: [(dim: Int, index: Tensor)], _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let rows = try Tensor.filled(
      [picked.reduce(1, *)], .integer(0), dtype: .int64, operation)
    let row = rows.pointer.assumingMemoryBound(to: Int.self)
    for (dim, index) in indices {
      let size = source[dim]
      let spread = try index.broadcastTo(picked).denseCopyIfStrided(operation)
      let position = spread.pointer.assumingMemoryBound(to: Int.self)
      for i in 0..<rows.count {
        // SAFETY: both hold as many int64.
        let p = position[i]
        guard p >= -size, p < size else {
          throw TensorError(
            .indexOutOfRange, operation, shapes: [source],
            "index \(p) is out of range for dim \(dim) of size \(size)")
        }
        row[i] = row[i] * size + (p < 0 ? p + size : p)
      }
      withExtendedLifetime(spread) {}
    }
    return rows
  }

  private var width: Int { rest.reduce(1, *) }

  /// The result's dims as the rows have them: picked, then the rest.
  private var gathered: Shape { Shape(Array(picked) + Array(rest)) }

  /// The order that puts the picked dims at their place.
  private var placing: [Int] {
    let (p, r) = (picked.rank, rest.rank)
    return Array(p..<(p + place)) + Array(0..<p) + Array((p + place)..<(p + r))
  }

  /// Of the tensor at the rows.
  var resultShape: Shape { Shape(placing.map { gathered[$0] }) }

  /// The tensor as a matrix of rows.
  func asMatrix(_ x: Tensor) throws(TensorError) -> Tensor {
    try x.permute(order).reshape([rowCount, width])
  }

  func fromMatrix(_ x: Tensor) throws(TensorError) -> Tensor {
    try x.reshape(Shape(order.map { source[$0] })).permute(Self.inverse(order))
  }

  /// What lies as the result as rows.
  func asRows(_ x: Tensor, _ count: Int) throws(TensorError) -> Tensor {
    try x.permute(Self.inverse(placing)).reshape([count, width])
  }

  func take(_ rows: Tensor, from x: Tensor) throws(TensorError) -> Tensor {
    try asMatrix(x).takeRows(rows)
      .reshape(gathered).permute(placing).contiguous()
  }

  /// The gradient of the tensor: the result's, added to zeros at its rows. Differentiable.
  func put(_ gradient: Tensor, _ rows: Tensor) throws(TensorError) -> Tensor {
    try fromMatrix(asRows(gradient, rows.count).scatterRows(rows, rowCount))
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

  init(_ x: Tensor, _ plan: IndexPlan, _ rows: Tensor, _ name: String) {
    (self.plan, ownName) = (plan, name)
    super.init(x)
    save(rows)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try plan.put(gradient, saved(0)) }
  }
}
