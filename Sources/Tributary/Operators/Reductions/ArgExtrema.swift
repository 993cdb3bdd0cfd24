import CTributaryKernels

extension Tensor {
  /// The index of the greatest element along `dim` (int64), the first of equals; nil: in the flattened tensor.
  public func argmax(dim: Int? = nil, keepDim: Bool = false) throws(TensorError) -> Tensor {
    try arg(TRI_REDUCE_MAX, dim, keepDim: keepDim, "argmax")
  }

  /// The index of the least element along `dim` (int64), the first of equals; nil: in the flattened tensor.
  public func argmin(dim: Int? = nil, keepDim: Bool = false) throws(TensorError) -> Tensor {
    try arg(TRI_REDUCE_MIN, dim, keepDim: keepDim, "argmin")
  }

  /// The index of the greatest element over several dims (int64), the first of equals: its number among the elements
  /// of these dims, row-major in the tensor's order of dims. No dims means all.
  public func argmax(dim: [Int], keepDim: Bool = false) throws(TensorError) -> Tensor {
    let dims = try DimSet(dim, of: shape, "argmax")
    return try Self.arg(TRI_REDUCE_MAX, detach(), dims, keepDim: keepDim, "argmax").indices
  }

  /// The index of the least element over several dims; see ``argmax(dim:keepDim:)-([Int],_)``.
  public func argmin(dim: [Int], keepDim: Bool = false) throws(TensorError) -> Tensor {
    let dims = try DimSet(dim, of: shape, "argmin")
    return try Self.arg(TRI_REDUCE_MIN, detach(), dims, keepDim: keepDim, "argmin").indices
  }

  /// The greatest elements along `dim` and their indices; the gradient goes to those elements alone.
  public func max(dim: Int, keepDim: Bool = false) throws(TensorError) -> (
    values: Tensor, indices: Tensor
  ) {
    try extremum(TRI_REDUCE_MAX, dim, keepDim: keepDim, "max", "MaxBackward0")
  }

  /// The least elements along `dim` and their indices; the gradient goes to those elements alone.
  public func min(dim: Int, keepDim: Bool = false) throws(TensorError) -> (
    values: Tensor, indices: Tensor
  ) {
    try extremum(TRI_REDUCE_MIN, dim, keepDim: keepDim, "min", "MinBackward0")
  }

  private func arg(
    _ op: tri_reduce_op, _ dim: Int?, keepDim: Bool, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let dims = if let dim { try DimSet(dim, of: shape, operation) } else { DimSet.all(rank) }
    return try Self.arg(op, detach(), dims, keepDim: keepDim, operation).indices
  }

  private func extremum(
    _ op: tri_reduce_op, _ dim: Int, keepDim: Bool, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let dims = try DimSet(dim, of: shape, operation)
    let (values, indices) = try Self.arg(op, self, dims, keepDim: keepDim, operation)
    if AutogradMode.records(self) {
      values.record(
        ChosenElementBackward(self, indices, dims, keepDim: keepDim, name),
        nanoseconds: Float(count))
    }
    return (values, indices)
  }

  private static func arg(
    _ op: tri_reduce_op, _ x: Tensor, _ dims: DimSet, keepDim: Bool, _ operation: StaticString
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    if x.dtype.isHalf {
      let found = try arg(
        op, x.detach().castToComputing(operation), dims, keepDim: keepDim, operation)
      return (try found.values.cast(to: x.dtype, operation), found.indices)
    }
    try dims.checkElements(x.shape, operation)
    let shape = dims.reducing(x.shape, keepDim: keepDim)
    let values = try Tensor.empty(shape, dtype: x.dtype, operation)
    let indices = try Tensor.empty(shape, dtype: .int64, operation)
    if values.count == 0 { return (values, indices) }
    // Always as rows: indices count along the reduced dims, whatever the innermost dim.
    var order = Shape()
    for dim in 0..<x.rank where !dims.contains(dim) { order.append(dim) }
    for dim in 0..<x.rank where dims.contains(dim) { order.append(dim) }
    let moved = x.alias(x.layout.permuted(order))
    let rows = moved.isContiguous ? moved : try moved.denseCopy(operation)
    let n = x.count / values.count
    let (input, best) = (rows.pointer, values.pointer)
    // SAFETY: a fresh int64 tensor; each range writes the places of its own rows.
    let places = indices.pointer.assumingMemoryBound(to: Int64.self)
    Reduction.split(units: values.count, elementsPerUnit: n) { first, end in
      tri_arg_reduce_rows(
        kernels, op, x.dtype.kernel, input, Int64(n), Int64(first), Int64(end), best, places)
    }
    withExtendedLifetime(rows) {}
    return (values, indices)
  }
}

/// The gradient goes to the element at the saved index along one dim.
final class ChosenElementBackward: ReductionNode, @unchecked Sendable {
  init(_ x: Tensor, _ indices: Tensor, _ dims: DimSet, keepDim: Bool, _ name: String) {
    super.init(x, dims, keepDim: keepDim, name)
    save(indices)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let shape = inputShape(0)
    guard shape.rank > 0 else {
      sink[0] = gradient
      return
    }
    // One at the chosen place, else zero: where a count along the dim equals the index.
    var along = Shape(repeating: 1, rank: shape.rank)
    for dim in 0..<shape.rank where dims.contains(dim) { along[dim] = shape[dim] }
    let counting = try Tensor.arange(along.reduce(1, *)).reshape(along)
    let chosen = try expanded(saved(0)).eq(counting)
    // Not a product: an infinite gradient times 0 is no number.
    sink[0] = try Tensor.where(chosen, expanded(gradient), 0)
  }
}
