import Tributary

/// `maxPool2d` as a module.
public struct MaxPool2d: Module {
  private let kernelSize: SpatialSize
  private let stride: SpatialSize?
  private let padding: SpatialSize
  private let dilation: SpatialSize
  private let ceilMode: Bool

  /// The arguments are checked where the module is called.
  public init(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) {
    (self.kernelSize, self.stride, self.padding) = (kernelSize, stride, padding)
    (self.dilation, self.ceilMode) = (dilation, ceilMode)
  }

  /// None.
  public var parameters: [Tensor] { [] }

  /// As `maxPool2d`; throws what it throws.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try input.maxPool2d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

/// `adaptiveAvgPool2d` as a module.
public struct AdaptiveAvgPool2d: Module {
  private let outputSize: SpatialSize

  /// The size is checked where the module is called.
  public init(_ outputSize: SpatialSize) { self.outputSize = outputSize }

  /// None.
  public var parameters: [Tensor] { [] }

  /// As `adaptiveAvgPool2d`; throws what it throws.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try input.adaptiveAvgPool2d(outputSize)
  }
}

/// `flatten` from `startDim` to `endDim` as a module: all but the batch.
public struct Flatten: Module {
  private let (startDim, endDim): (Int, Int)

  /// The dims are checked where the module is called.
  public init(startDim: Int = 1, endDim: Int = -1) {
    (self.startDim, self.endDim) = (startDim, endDim)
  }

  /// None.
  public var parameters: [Tensor] { [] }

  /// As `flatten`; throws what it throws.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try input.flatten(startDim: startDim, endDim: endDim)
  }
}
