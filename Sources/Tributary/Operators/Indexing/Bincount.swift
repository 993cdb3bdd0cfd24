extension Tensor {
  /// How often each number from 0 on occurs among these, which are 0 or more, of one dim: int64. Not differentiable.
  ///
  /// - Parameters:
  ///   - weights: of this shape: what each occurrence counts, added up in float32 where they are so, else in float64, in
  ///     the order of the elements
  ///   - minlength: the result has at least so many elements, and at least as many as the greatest number and one
  /// - Throws: for other dtypes and shapes, a negative number, and a result too large for memory.
  public func bincount(
    weights: Tensor? = nil, minlength: Int = 0
  ) throws(TensorError) -> Tensor {
    guard !dtype.isFloatingPoint, dtype != .bool, rank == 1, minlength >= 0 else {
      throw TensorError(
        .invalidArgument, "bincount", shapes: [shape], dtypes: [dtype],
        "counts whole numbers of one dim, with a minlength of 0 or more")
    }
    guard weights == nil || weights?.shape == shape else {
      throw TensorError(
        .shapeMismatch, "bincount", shapes: [shape] + (weights.map { [$0.shape] } ?? []),
        "the weights have the shape of the numbers")
    }
    let numbers = try detach().to(.int64)
    var length = minlength
    if count > 0 {
      let (least, greatest) = (
        try numbers.amin().item(as: Int.self), try numbers.amax().item(as: Int.self)
      )
      let (past, overflow) = greatest.addingReportingOverflow(1)
      guard least >= 0, !overflow else {
        throw TensorError(
          .indexOutOfRange, "bincount", shapes: [shape],
          "the numbers are \(least) to \(greatest); they must be 0 or more")
      }
      length = Swift.max(length, past)
    }
    let kind: DType = weights == nil ? .int64 : weights?.dtype == .float32 ? .float32 : .float64
    let part: Tensor
    if let weights {
      part = try weights.detach().cast(to: kind, "bincount")
    } else {
      part = try Tensor.filled([], .integer(1), dtype: kind, "bincount").broadcastTo(shape)
    }
    return try part.detach().scattered(to: [length], 0, numbers, "bincount")
  }

  /// How many elements lie in each of `bins` parts of equal width from `min` to `max`, both included; of this dtype. Not
  /// differentiable.
  ///
  /// Where `min` and `max` are equal they are the least and the greatest element, and where those are equal, one below and
  /// one above. What lies outside, and NaN, is not counted. Throws for an integer dtype, no bins, and bounds that are not
  /// finite, not in order or too far apart for a float64.
  public func histc(
    bins: Int = 100, min: Double = 0, max: Double = 0
  ) throws(TensorError) -> Tensor {
    guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "histc") }
    guard bins > 0 else {
      throw TensorError(
        .invalidArgument, "histc", shapes: [shape], "\(bins) bins; needs at least one")
    }
    let flat = try detach().reshape([-1])
    var (low, high) = (min, max)
    if low == high, count > 0 {
      (low, high) = (try flat.amin().item(), try flat.amax().item())
    }
    if low == high { (low, high) = (low - 1, high + 1) }
    guard (high - low).isFinite, low < high else {
      throw TensorError(
        .invalidArgument, "histc", shapes: [shape],
        "the bounds \(low) and \(high) must be in order, and the width between them finite")
    }
    // In float64, where no float32 times the bins is past the largest number.
    let inside = try flat.maskedSelect(flat.ge(low).logicalAnd(flat.le(high))).to(.float64)
    let scaled = try (inside - low) * Double(bins)
    // Past it all the same: divided first.
    let most = Double(bins) * (high - low)
    let place = try
      (most.isFinite ? scaled / (high - low) : (inside - low) / (high - low) * Double(bins))
      .to(.int64)
    let counts = try place.clamp(min: 0, max: bins - 1).bincount(minlength: bins)
    return try counts.to(dtype)
  }
}
