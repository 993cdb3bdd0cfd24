import CTributaryKernels

extension Tensor {
  /// The greatest elements over dims (none means all). Ties share the gradient evenly; NaN wins.
  public func amax(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MAX, dim, keepDim: keepDim, "amax", "AmaxBackward0")
  }

  /// The least elements over dims (none means all). Ties share the gradient evenly; NaN wins.
  public func amin(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MIN, dim, keepDim: keepDim, "amin", "AminBackward0")
  }

  /// The greatest element. Ties share the gradient evenly; NaN wins, and where there are several they share it.
  public func max() throws(TensorError) -> Tensor {
    try totalExtremum(TRI_REDUCE_MAX, "max", "MaxBackward1")
  }

  /// The least element. Ties share the gradient evenly; NaN wins, and where there are several they share it.
  public func min() throws(TensorError) -> Tensor {
    try totalExtremum(TRI_REDUCE_MIN, "min", "MinBackward1")
  }

  private func extremum(
    _ op: tri_reduce_op, _ dims: [Int], keepDim: Bool, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    let set = try DimSet(dims, of: shape, operation)
    let out = try Reduction.apply(op, self, set, keepDim: keepDim, operation)
    if AutogradMode.records(self) {
      out.record(
        ExtremumBackward(self, out, set, keepDim: keepDim, name), nanoseconds: Float(count))
    }
    return out
  }

  private func totalExtremum(
    _ op: tri_reduce_op, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    let out = try Reduction.apply(
      op, self, DimSet([], of: shape, operation), keepDim: false, operation)
    if AutogradMode.records(self) {
      out.record(TotalExtremumBackward(self, out, name), nanoseconds: Float(count))
    }
    return out
  }
}

/// The gradient goes to the elements equal to the result, divided by how many there are. None equals a NaN,
/// whose gradient is NaN everywhere, as in PyTorch.
final class ExtremumBackward: Node, @unchecked Sendable {
  private let dims: DimSet
  private let keepDim: Bool
  private let label: String

  init(_ x: Tensor, _ result: Tensor, _ dims: DimSet, keepDim: Bool, _ label: String) {
    self.dims = dims
    self.keepDim = keepDim
    self.label = label
    super.init(x)
    save(x)
    save(output: result)
  }

  override var name: String { label }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try saved(0)
    let result = try saved(1).detach()
    let chosen = try x.detach().eq(expandedOverInput(result, dims, keepDim: keepDim)).to(x.dtype)
    let share = try gradient / chosen.sum(dims, keepDim: keepDim)
    sink[0] = try expandedOverInput(share, dims, keepDim: keepDim) * chosen
  }
}

/// Of the extremum of all elements. As in PyTorch, and unlike `amax`, the elements that are NaN are the chosen ones
/// where the result is.
final class TotalExtremumBackward: Node, @unchecked Sendable {
  private let label: String

  init(_ x: Tensor, _ result: Tensor, _ label: String) {
    self.label = label
    super.init(x)
    save(x)
    save(output: result)
  }

  override var name: String { label }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try saved(0).detach()
    let result = try saved(1).detach()
    let chosen = try x.eq(result).logicalOr(x.isnan().logicalAnd(result.isnan()))
    let share = try gradient / chosen.to(x.dtype).sum()
    // Not a product: an infinite share times 0 is no number.
    sink[0] = try Tensor.where(chosen, share, 0)
  }
}
