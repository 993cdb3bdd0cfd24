extension Tensor {
  /// Each element with probability `p` 0, else divided by 1 − `p`; as it is where not `training` (Srivastava et al. 2014).
  ///
  /// - Parameter generator: what is drawn from; ``Generator/current`` unless given. An element's number follows from seed,
  ///   draw and place (Philox4x32-10), so that its bits do not depend on threads.
  /// - Throws: unless 0 ≤ `p` ≤ 1, and for a dtype that is not floating point.
  public func dropout(
    _ p: Double = 0.5, training: Bool = true, generator: Generator? = nil
  ) throws(TensorError) -> Tensor {
    guard p >= 0, p <= 1 else {
      throw TensorError(.invalidArgument, "dropout", "\(p) is no probability; it lies in 0 … 1")
    }
    guard dtype.isFloatingPoint else {
      throw TensorError(
        .dtypeMismatch, "dropout", dtypes: [dtype],
        "needs a floating-point dtype; convert with to(_:) first")
    }
    if !training || p == 0 { return self }
    if dtype.isHalf {
      return try widened { (x) throws(TensorError) in try x.dropout(p, generator: generator) }
    }
    // One product with a mask of 0 and 1 / (1 − p), as PyTorch has it: its gradient is the product with the mask.
    let mask = try Tensor.empty(shape, dtype: dtype, "dropout")
    mask.fillBernoulli(
      1 - p, scale: p < 1 ? 1 / (1 - p) : 0, (generator ?? .current).draw())
    return try mul(mask)
  }
}
