extension Tensor {
  /// The elements in ascending order along `dim`, or descending, and where each was: int64.
  ///
  /// Equal elements keep their order. A NaN counts as greater than all numbers. By digits (Seward 1954): the time goes with
  /// the number of elements. Rows, or the parts of few long ones, are shared by the team. Throws where there is no such dim.
  public func sort(
    dim: Int = -1, descending: Bool = false
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try sorted(dim, nil, descending, "sort", "SortBackward0")
  }

  /// The positions in the order of ``sort(dim:descending:)``: int64.
  public func argsort(dim: Int = -1, descending: Bool = false) throws(TensorError) -> Tensor {
    try sorted(dim, nil, descending, "argsort", "SortBackward0", wantsValues: false).indices
  }

  /// The `k` greatest elements along `dim`, or the least, in order, and where each was. Of equal ones the first.
  ///
  /// For a `k` of up to a quarter of the elements these are not put in order; one look at most passes them over.
  /// Throws unless there are as many.
  public func topk(
    _ k: Int, dim: Int = -1, largest: Bool = true
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let axis = try shape.index(ofDim: dim, "topk")
    let length = rank == 0 ? 1 : shape[axis]
    guard k >= 0, k <= length else {
      throw TensorError(
        .invalidArgument, "topk", shapes: [shape],
        "dim \(axis) of \(length) elements has no \(k) to choose")
    }
    return try sorted(dim, rank == 0 ? nil : k, largest, "topk", "TopkBackward0")
  }

  func sorted(
    _ dim: Int, _ k: Int?, _ descending: Bool, _ operation: StaticString, _ name: String,
    wantsValues: Bool = true
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let axis = try shape.index(ofDim: dim, operation)
    let last = Swift.max(rank - 1, 0)
    let rows = try alias(layout.exchanging(axis, last)).castToComputing(operation)
      .denseCopyIfStrided(operation)
    var shape = rows.shape
    if let k { shape[last] = k }
    var indices = try Tensor.empty(shape, dtype: .int64, operation)
    var values = wantsValues ? try Tensor.empty(shape, dtype: rows.dtype, operation) : indices
    try RowOrder(descending: descending, operation: operation).fill(
      wantsValues ? values : nil, indices, from: rows,
      kept: k ?? (rank == 0 ? 1 : rows.shape[last]))
    func placed(_ x: Tensor) throws(TensorError) -> Tensor {
      try x.alias(x.layout.exchanging(axis, last)).denseCopyIfStrided(operation)
    }
    indices = try placed(indices)
    values = try wantsValues ? placed(values.cast(to: dtype, operation)) : indices
    if wantsValues, AutogradMode.records(self) {
      values.record(ChosenBackward(self, axis, indices, name), cost: .plain)
    }
    return (values, indices)
  }
}

/// Puts the gradient back where the elements were.
final class ChosenBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let ownName: String

  init(_ x: Tensor, _ axis: Int, _ indices: Tensor, _ name: String) {
    (self.axis, ownName) = (axis, name)
    super.init(x)
    save(indices)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try gradient.scattered(to: inputShape(0), axis, saved(0), "sort_backward")
  }
}
