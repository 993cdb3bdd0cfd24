import Tributary

/// Normalises each of `numGroups` groups of channels, then scales and shifts each channel: see `groupNorm`.
public struct GroupNorm: Module {
  /// Into how many groups the channels are divided.
  public let numGroups: Int
  /// What keeps the root of a constant group from 0.
  public let eps: Double
  /// [channels], ones at first; nil for a layer without.
  public let weight: Tensor?
  /// [channels], zeros at first; nil for a layer without.
  public let bias: Tensor?

  /// - Throws: unless `numGroups` divides `numChannels`.
  public init(
    _ numGroups: Int, _ numChannels: Int, eps: Double = 1e-5, affine: Bool = true,
    dtype: DType = .float32
  ) throws(TensorError) {
    guard numGroups > 0, numChannels >= 0, numChannels % numGroups == 0 else {
      throw TensorError(
        .invalidArgument, operation: "GroupNorm",
        "\(numGroups) groups do not divide \(numChannels) channels")
    }
    self.numGroups = numGroups
    self.eps = eps
    weight = affine ? try .ones([numChannels], dtype: dtype, requiresGrad: true) : nil
    bias = affine ? try .zeros([numChannels], dtype: dtype, requiresGrad: true) : nil
  }

  /// The weight, then the bias, where there are such.
  public var parameters: [Tensor] { [weight, bias].compactMap(\.self) }

  /// [batch, channels, ...], and of that shape.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try groupNorm(input, numGroups, weight: weight, bias: bias, eps: eps)
  }
}
