import Tributary

/// x · weightᵀ + bias.
///
/// `weight` is [out, in], `bias` [out]; both begin uniform in ±1/√in, as PyTorch's do (He et al. 2015 with
/// a = √5).
public struct Linear: Module {
  /// [out, in].
  public let weight: Tensor
  /// [out]; nil for a layer without.
  public let bias: Tensor?

  /// - Throws: where a size is negative.
  public init(
    _ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .float32,
    generator: Generator? = nil
  ) throws(TensorError) {
    let bound = inFeatures > 0 ? 1 / Double(inFeatures).squareRoot() : 0
    weight = try .parameter([outFeatures, inFeatures], within: bound, dtype, generator)
    self.bias = bias ? try .parameter([outFeatures], within: bound, dtype, generator) : nil
  }

  /// The weight, then the bias if there is one.
  public var parameters: [Tensor] { bias.map { [weight, $0] } ?? [weight] }

  /// […, in] to […, out], of one dtype with the weight. Throws where the last size or the dtype differs.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try linear(input, weight, bias)
  }
}
