/// (x − mean) / √(variance + eps) · weight + bias over the trailing dims `normalizedShape`, the variance being that of
/// the elements themselves (Ba, Kiros and Hinton 2016).
///
/// - Parameters:
///   - input: [..., normalizedShape], floating point
///   - weight: `normalizedShape`, or nil; `bias` likewise; each of the input's dtype, or beside halves of float32
///   - eps: keeps the root of a constant row from 0
/// - Returns: of the input's shape. One kernel, forward and back; a row's bits do not depend on its batch.
/// - Throws: where `normalizedShape` is not what the input's shape ends in, and for another shape or dtype of the
///   weight or the bias.
public func layerNorm(
  _ input: Tensor, _ normalizedShape: Shape, weight: Tensor? = nil, bias: Tensor? = nil,
  eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  let rows = try trailingRows(input, normalizedShape, [weight, bias], eps, true, "layerNorm")
  return try normed(input, weight, bias, rows, "NativeLayerNormBackward0")
}

/// x / √(mean of x² + eps) · weight over the trailing dims `normalizedShape` (Zhang and Sennrich 2019).
///
/// - Parameters:
///   - input: [..., normalizedShape], floating point
///   - weight: `normalizedShape`, of the input's dtype, or beside halves of float32; or nil
///   - eps: nil: the distance from 1 to the next number of the dtype, of a half's to that of float32
/// - Returns: of the input's shape, as ``layerNorm(_:_:weight:bias:eps:)``.
/// - Throws: as that.
public func rmsNorm(
  _ input: Tensor, _ normalizedShape: Shape, weight: Tensor? = nil, eps: Double? = nil
) throws(TensorError) -> Tensor {
  let eps = eps ?? (input.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne))
  let rows = try trailingRows(input, normalizedShape, [weight], eps, false, "rmsNorm")
  return try normed(input, weight, nil, rows, "RmsNormBackward0")
}

func normed(
  _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ rows: NormRows, _ name: StaticString
) throws(TensorError) -> Tensor {
  if x.dtype.isHalf {
    return try x.widened { (x) throws(TensorError) in
      try normed(x, weight?.toComputing(), bias?.toComputing(), rows, name)
    }
  }
  let (out, statistics) = try rows.apply(x, weight, bias)
  if AutogradMode.records([x, weight, bias].compactMap(\.self)) {
    out.record(
      NormBackward(x, weight, bias, rows, statistics, name: name), nanoseconds: rows.cost(x))
  }
  return out
}

private func trailingRows(
  _ x: Tensor, _ shape: Shape, _ factors: [Tensor?], _ eps: Double, _ isCentred: Bool,
  _ operation: StaticString
) throws(TensorError) -> NormRows {
  try checkFloating(x, factors, eps, operation)
  let lead = x.rank - shape.rank
  guard shape.rank > 0, lead >= 0, shape.indices.allSatisfy({ x.shape[lead + $0] == shape[$0] })
  else {
    throw TensorError(
      .shapeMismatch, operation, shapes: [x.shape, shape],
      "normalizedShape must have at least one dim, and be what the input's shape ends in")
  }
  for case let factor? in factors where factor.shape != shape {
    throw TensorError(
      .shapeMismatch, operation, shapes: [factor.shape, shape],
      "weight and bias must have the shape normalizedShape")
  }
  return NormRows(
    n: shape.reduce(1, *), shape: shape, eps: eps, isCentred: isCentred, operation: operation)
}

func checkFloating(
  _ x: Tensor, _ factors: [Tensor?], _ eps: Double, _ operation: StaticString
) throws(TensorError) {
  let dtypes = [x.dtype] + factors.compactMap { $0?.dtype }
  guard x.dtype.isFloatingPoint,
    dtypes.allSatisfy({ $0 == x.dtype || $0 == x.dtype.computing })
  else {
    throw TensorError(
      .dtypeMismatch, operation, dtypes: dtypes,
      "input, weight and bias must have one floating dtype, but float32 beside halves; convert with to(_:) first"
    )
  }
  guard eps >= 0 else {
    throw TensorError(.invalidArgument, operation, "eps \(eps) is not 0 or more")
  }
}
