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
    try extremum(TRI_REDUCE_MAX, [], keepDim: false, "max", "MaxBackward1", nanShares: true)
  }

  /// The least element. Ties share the gradient evenly; NaN wins, and where there are several they share it.
  public func min() throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MIN, [], keepDim: false, "min", "MinBackward1", nanShares: true)
  }

  private func extremum(
    _ op: tri_reduce_op, _ dims: [Int], keepDim: Bool, _ operation: StaticString, _ name: String,
    nanShares: Bool = false
  ) throws(TensorError) -> Tensor {
    let set = try DimSet(dims, of: shape, operation)
    let out = try Reduction.apply(op, self, set, keepDim: keepDim, operation)
    if AutogradMode.records(self) {
      let node = ExtremumBackward(
        self, result: out, set, keepDim: keepDim, name, nanShares: nanShares)
      out.record(node, nanoseconds: Float(count))
    }
    return out
  }
}

/// The gradient goes to the elements equal to the result, divided by how many there are.
///
/// None equals a NaN: the gradient is then NaN everywhere, or goes to the elements that are NaN, if those share. Both
/// as in PyTorch.
final class ExtremumBackward: ReductionNode, @unchecked Sendable {
  private let nanShares: Bool

  init(
    _ x: Tensor, result: Tensor, _ dims: DimSet, keepDim: Bool, _ name: String, nanShares: Bool
  ) {
    self.nanShares = nanShares
    super.init(x, dims, keepDim: keepDim, name)
    save(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try saved(0).detach()
    let result = try expanded(saved(1).detach())
    var chosen = try x.eq(result)
    if nanShares { chosen = try chosen.logicalOr(x.isnan().logicalAnd(result.isnan())) }
    let ones = try chosen.to(x.dtype.computing)
    let share = try expanded(gradient.toComputing() / ones.sum(dims, keepDim: keepDim))
    // A product makes an infinite share, that of no element, NaN everywhere.
    let shares = nanShares ? try Tensor.where(chosen, share, 0) : try share * ones
    sink[0] = try shares.to(inputDType(0))
  }
}
