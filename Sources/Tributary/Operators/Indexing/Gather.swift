import CTributaryKernels

extension Tensor {
  /// For each place of `index` the element there, but at the position along `dim` that `index` holds.
  ///
  /// `index` has as many dims as this tensor, and no greater sizes but along `dim`; without elements it may have any shape.
  /// Negative positions count from the end. The gradient is added up in the order of `index`. Throws where these do not
  /// fit, and for a position out of range, with the first such and the size.
  public func gather(_ dim: Int, _ index: Tensor) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "gather")
    var fits = index.rank == rank
    for i in 0..<rank where fits && i != axis && index.shape[i] > shape[i] { fits = false }
    // No index, nothing to read: of any shape, as in PyTorch.
    guard fits || index.count == 0 else {
      throw TensorError(
        .shapeMismatch, "gather", shapes: [shape, index.shape],
        "the index has as many dims, and no greater sizes but along dim \(axis)")
    }
    return try gathered(axis, index.wholePositions("gather"), "gather", "GatherBackward0")
  }

  /// The positions of dim `dim` that `index` names, a tensor of one dim. Copies.
  ///
  /// Negative positions count from the end. Throws for one out of range, or another kind of index.
  public func indexSelect(_ dim: Int, _ index: Tensor) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "indexSelect")
    guard index.rank <= 1, rank > 0 || index.count == 1 else {
      throw TensorError(
        .shapeMismatch, "indexSelect", shapes: [shape, index.shape],
        "needs an index of one dim, and of one element where the tensor has no dims")
    }
    let positions =
      try rank == 0
      ? index.reshape([]).wholePositions("indexSelect") : alongDim(axis, index, "indexSelect")
    return try gathered(axis, positions, "indexSelect", "IndexSelectBackward0")
  }

  /// The elements of the flattened tensor at `index`, in its shape.
  ///
  /// Negative positions count from the end. Throws for one out of range, and unless `index` holds whole numbers.
  public func take(_ index: Tensor) throws(TensorError) -> Tensor {
    let places = try index.reshape([-1]).wholePositions("take")
    return try reshape([-1]).gathered(0, places, "take", "TakeBackward0").reshape(index.shape)
  }

  /// ``gather(_:_:)`` where this tensor and `indices` broadcast along the other dims, as for what ``argsort`` gives.
  ///
  /// - Parameter dim: nil: both flattened
  public func takeAlongDim(_ indices: Tensor, dim: Int? = nil) throws(TensorError) -> Tensor {
    guard let dim else {
      return try reshape([-1]).gather(0, indices.reshape([-1]))
    }
    let axis = try shape.index(ofDim: dim, "takeAlongDim")
    guard indices.rank == rank, rank > 0 else {
      throw TensorError(
        .shapeMismatch, "takeAlongDim", shapes: [shape, indices.shape],
        "the indices have as many dims as the tensor, at least one")
    }
    var (own, other) = (shape, indices.shape)
    (own[axis], other[axis]) = (1, 1)
    own = try Shape.broadcast(own, other, "takeAlongDim")
    other = own
    (own[axis], other[axis]) = (shape[axis], indices.shape[axis])
    return try expand(own).gather(axis, indices.expand(other))
  }

  /// `index`, of one dim, as the positions of the same along `axis` at all other places: it repeats itself by its strides.
  func alongDim(
    _ axis: Int, _ index: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    var (line, whole) = (Shape(repeating: 1, rank: rank), shape)
    (line[axis], whole[axis]) = (index.count, index.count)
    let places = try index.wholePositions(operation).reshape(line)
    if index.count > 0, whole.contains(0) {
      // Nothing is read or written there, but a position must be one.
      try IndexedDim.check(places, axis, shape, operation)
    }
    return try places.expand(whole)
  }

  /// The elements where an int64 index says, which fits; recorded.
  func gathered(
    _ axis: Int, _ index: Tensor, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(index.shape, dtype: dtype, operation)
    if index.count > 0 { try IndexedDim(self, axis, index, out, operation).take() }
    if AutogradMode.records(self) { out.record(GatherBackward(self, axis, index, name)) }
    return out
  }

  /// Zeros of `shape`, to which these elements are added where an int64 index says; recorded.
  func scattered(
    to shape: Shape, _ axis: Int, _ index: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.filled(shape, .integer(0), dtype: dtype, operation)
    if index.count > 0 { try out.put(TRI_PUT_ADD, axis, index, self, operation) }
    if AutogradMode.records(self) { out.record(ScatteredBackward(self, axis, index)) }
    return out
  }

  /// In place, for a fresh tensor: each element that the index names from it and those of `part`, in the order of places.
  func put(
    _ op: tri_put_op, _ axis: Int, _ index: Tensor, _ part: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    if op != TRI_PUT_SET, dtype.isHalf {
      // What meets in one element meets in float32, and is rounded once.
      let wide = try castToComputing(operation)
      try wide.put(op, axis, index, part.castToComputing(operation), operation)
      return copyElements(from: try wide.cast(to: dtype, operation))
    }
    try IndexedDim(self, axis, index, part, operation).put(op)
  }
}

final class GatherBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let ownName: String

  init(_ x: Tensor, _ axis: Int, _ index: Tensor, _ name: String) {
    (self.axis, ownName) = (axis, name)
    super.init(x)
    save(index)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try gradient.scattered(to: inputShape(0), axis, saved(0), "gather_backward")
  }
}

/// Of what was added to zeros: read back.
final class ScatteredBackward: Node, @unchecked Sendable {
  private let axis: Int

  init(_ part: Tensor, _ axis: Int, _ index: Tensor) {
    self.axis = axis
    super.init(part)
    save(index)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try gradient.gathered(axis, saved(0), "gather", "GatherBackward0")
  }
}
