import Tributary

/// Normalises the trailing dims to mean 0 and variance 1, then scales and shifts them: see `layerNorm`.
public struct LayerNorm: Module {
  /// The trailing dims of the input.
  public let normalizedShape: Shape
  /// What keeps the root of a constant row from 0.
  public let eps: Double
  /// `normalizedShape`, ones at first; nil for a layer without.
  public let weight: Tensor?
  /// `normalizedShape`, zeros at first; nil for a layer without.
  public let bias: Tensor?

  /// - Throws: where a size is negative.
  public init(
    _ normalizedShape: Shape, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true,
    dtype: DType = .float32
  ) throws(TensorError) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight =
      elementwiseAffine ? try .ones(normalizedShape, dtype: dtype, requiresGrad: true) : nil
    self.bias =
      elementwiseAffine && bias
      ? try .zeros(normalizedShape, dtype: dtype, requiresGrad: true) : nil
  }

  /// The weight, then the bias, where there are such.
  public var parameters: [Tensor] { [weight, bias].compactMap(\.self) }

  /// Of the input's shape, which must end in `normalizedShape`.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try layerNorm(input, normalizedShape, weight: weight, bias: bias, eps: eps)
  }
}

/// Divides the trailing dims by the root of their mean square, then scales them: see `rmsNorm`.
public struct RMSNorm: Module {
  /// The trailing dims of the input.
  public let normalizedShape: Shape
  /// What keeps the root of a row of zeros from 0; nil: the dtype's distance from 1 to the next number, of a half
  /// that of float32.
  public let eps: Double?
  /// `normalizedShape`, ones at first; nil for a layer without.
  public let weight: Tensor?

  /// - Throws: where a size is negative.
  public init(
    _ normalizedShape: Shape, eps: Double? = nil, elementwiseAffine: Bool = true,
    dtype: DType = .float32
  ) throws(TensorError) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight =
      elementwiseAffine ? try .ones(normalizedShape, dtype: dtype, requiresGrad: true) : nil
  }

  /// The weight, if there is one.
  public var parameters: [Tensor] { [weight].compactMap(\.self) }

  /// Of the input's shape, which must end in `normalizedShape`.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try rmsNorm(input, normalizedShape, weight: weight, eps: eps)
  }
}
