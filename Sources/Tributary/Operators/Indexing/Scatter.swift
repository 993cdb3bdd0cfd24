extension Tensor {
  /// These elements, and each of `src` added to that at the position along `dim` which `index` holds in its place; along
  /// the other dims at its own place. Not in place.
  ///
  /// - Parameters:
  ///   - index: int64 or int32, of as many dims; no greater than `src`, and but along `dim` than this tensor. Negative
  ///     positions count from the end.
  ///   - src: of this dtype
  /// - Throws: where these do not fit, and for a position out of range.
  ///
  /// Each element is summed by one worker, in the order of `index`, and added to the one here.
  public func scatterAdd(
    _ dim: Int, _ index: Tensor, _ src: Tensor
  ) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "scatterAdd")
    guard src.dtype == dtype else {
      throw TensorError(
        .dtypeMismatch, "scatterAdd", dtypes: [dtype, src.dtype],
        "src must have this tensor's dtype; convert with to(_:) first")
    }
    var fits = index.rank == rank && src.rank == rank
    for i in 0..<rank where fits {
      fits = index.shape[i] <= src.shape[i] && (i == axis || index.shape[i] <= shape[i])
    }
    guard fits else {
      throw TensorError(
        .shapeMismatch, "scatterAdd", shapes: [shape, index.shape, src.shape],
        "index and src have as many dims, the index no greater sizes than src, nor than the tensor but along dim \(axis)"
      )
    }
    if rank == 0 {
      return try reshape([1]).scatterAdd(0, index.reshape([1]), src.reshape([1])).reshape([])
    }
    var part = src
    for i in 0..<rank where index.shape[i] < src.shape[i] {
      part = try part.narrow(i, 0, index.shape[i])
    }
    return try adding(
      part, elementPositions(axis, index, "scatterAdd"), "scatterAdd", "ScatterAddBackward0")
  }

  /// These elements, and the slices of `source` along `dim`, times `alpha`, added to those that `index` names. Not in
  /// place.
  ///
  /// - Parameters:
  ///   - index: whole numbers, of one dim
  ///   - source: of this dtype and shape, but along `dim` as long as `index`
  /// - Throws: where these do not fit, and for a position out of range.
  ///
  /// Each slice is summed by one worker, in the order of `index`, and added to the one here.
  public func indexAdd(
    _ dim: Int, _ index: Tensor, _ source: Tensor, alpha: Double = 1
  ) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "indexAdd")
    var expected = shape
    if rank > 0 { expected[axis] = index.count }
    guard rank > 0, index.rank <= 1, source.shape == expected, source.dtype == dtype else {
      throw TensorError(
        .shapeMismatch, "indexAdd", shapes: [shape, index.shape, source.shape],
        dtypes: [dtype, source.dtype],
        "takes an index of one dim, and a source of this dtype and shape, but along dim \(axis) as long as the index"
      )
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
    return try adding(
      scaled, [(axis, index.reshape([-1]).wholePositions("indexAdd"))], "indexAdd",
      "IndexAddBackward0")
  }

  private func adding(
    _ part: Tensor, _ indices: [(dim: Int, index: Tensor)], _ operation: StaticString,
    _ name: String
  ) throws(TensorError) -> Tensor {
    let (plan, rows) = try IndexPlan.make(shape, indices, operation)
    let out = try noGrad { () throws(TensorError) in try detach() + plan.put(part.detach(), rows) }
    if AutogradMode.records(self, part) {
      out.record(PutBackward(self, part, plan, rows, name))
    }
    return out
  }
}

/// Of x + put(part): the gradient itself, and what is read back where the parts went.
final class PutBackward: Node, @unchecked Sendable {
  private let plan: IndexPlan
  private let ownName: String

  init(_ x: Tensor, _ part: Tensor, _ plan: IndexPlan, _ rows: Tensor, _ name: String) {
    (self.plan, ownName) = (plan, name)
    super.init(x, part)
    save(rows)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient }
    if sink.wants(1) { sink[1] = try plan.take(saved(0), from: gradient) }
  }
}
