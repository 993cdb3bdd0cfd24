import Tributary

/// A convolution of [n, inChannels, depth, height, width] (or unbatched) with a kernel of its own.
///
/// `weight` is [outChannels, inChannels / groups, depth, height, width], `bias` [outChannels]; both begin uniform in
/// ±1/√(elements of a filter), as PyTorch's do (He et al. 2015 with a = √5).
public struct Conv3d: Module {
  private let own: ConvolutionParameters
  private let stride: SpatialSize
  private let padding: ConvolutionPadding
  private let dilation: SpatialSize
  private let groups: Int

  /// - Throws: where a size is negative, or the channels are no multiples of the groups.
  public init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: SpatialSize, stride: SpatialSize = 1,
    padding: ConvolutionPadding = 0, dilation: SpatialSize = 1, groups: Int = 1, bias: Bool = true,
    dtype: DType = .float32, generator: Generator? = nil
  ) throws(TensorError) {
    own = try ConvolutionParameters(
      inChannels, outChannels, kernelSize, dims: 3, groups: groups, bias: bias, dtype: dtype,
      generator: generator)
    (self.stride, self.padding) = (stride, padding)
    (self.dilation, self.groups) = (dilation, groups)
  }

  /// [outChannels, inChannels / groups, depth, height, width].
  public var weight: Tensor { own.weight }
  /// [outChannels]; nil for a layer without.
  public var bias: Tensor? { own.bias }

  /// The weight, then the bias if there is one.
  public var parameters: [Tensor] { own.all }

  /// As `conv3d`; throws what it throws.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try conv3d(
      input, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
