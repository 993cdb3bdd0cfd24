/// layerNorm of each of `numGroups` groups of channels (Wu and He 2018).
///
/// - Parameters:
///   - input: [batch, channels, ...], floating point; `numGroups` divides the channels
///   - weight: [channels], or nil; `bias` likewise; each of the input's dtype, or beside halves of float32
/// - Returns: of the input's shape. One kernel, forward and back; a sample's bits do not depend on its batch.
/// - Throws: where the channels cannot be divided, and for another shape or dtype.
public func groupNorm(
  _ input: Tensor, _ numGroups: Int, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  try grouped(input, numGroups, weight, bias, eps, "groupNorm")
}

/// layerNorm of each channel of each sample (Ulyanov, Vedaldi and Lempitsky 2016).
///
/// - Parameters:
///   - input: [batch, channels, ...], with more than one element a channel
///   - weight: [channels], or nil; `bias` likewise; each of the input's dtype, or beside halves of float32
/// - Returns: of the input's shape.
/// - Throws: as ``groupNorm(_:_:weight:bias:eps:)``, and where a channel has one element alone.
public func instanceNorm(
  _ input: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  if input.rank >= 2, input.shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
    throw TensorError(
      .shapeMismatch, "instanceNorm", shapes: [input.shape],
      "a channel of one element is its own mean; needs [batch, channels, ...] with more than one")
  }
  return try grouped(
    input, input.rank >= 2 ? input.shape[1] : 1, weight, bias, eps, "instanceNorm")
}

private func grouped(
  _ x: Tensor, _ groups: Int, _ weight: Tensor?, _ bias: Tensor?, _ eps: Double,
  _ operation: StaticString
) throws(TensorError) -> Tensor {
  try checkFloating(x, [weight, bias], eps, operation)
  guard x.rank >= 2, groups > 0 || x.shape[1] == 0, x.shape[1] % max(groups, 1) == 0 else {
    throw TensorError(
      .shapeMismatch, operation, shapes: [x.shape],
      "needs [batch, channels, ...] with channels that \(groups) groups divide")
  }
  let channels = x.shape[1]
  for case let factor? in [weight, bias] where factor.shape != [channels] {
    throw TensorError(
      .shapeMismatch, operation, shapes: [x.shape, factor.shape],
      "weight and bias must have one element for each of the \(channels) channels")
  }
  let span = x.shape.dropFirst(2).reduce(1, *)
  var rows = NormRows(
    n: span * (channels / max(groups, 1)), shape: [channels], eps: eps, isCentred: true,
    operation: operation)
  rows.span = max(span, 1)
  return try normed(x, weight, bias, rows, "NativeGroupNormBackward0")
}
