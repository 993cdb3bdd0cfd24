import CTributaryKernels

extension Tensor {
  /// The greatest element of each window of a signal [n, channels, length], or [channels, length].
  ///
  /// - Parameters:
  ///   - kernelSize: elements of a window
  ///   - stride: from window to window; nil: as the window is long
  ///   - padding: so many places on both sides that are never the greatest; at most half a window
  ///   - dilation: from element to element of a window
  ///   - ceilMode: whether a window may reach beyond the end, so long as it begins before it
  /// - Returns: [n, channels, (length + 2·padding − dilation·(kernelSize − 1) − 1) / stride + 1]. Of equals the first is
  ///   taken, and alone has the gradient; a NaN is greater than all.
  ///
  /// For floating dtypes. Throws (`shapeMismatch`, `dtypeMismatch`, `invalidArgument`) where the window does not fit.
  public func maxPool1d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> Tensor {
    try maxPool1dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// As ``maxPool1d(_:stride:padding:dilation:ceilMode:)``, with the place of each element taken (int64).
  public func maxPool1dWithIndices(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try maxPool(
      SlidingWindow(kernelSize, stride, padding, dilation, ceilMode), dims: 1, "maxPool1d")
  }

  /// The greatest element of each window of images [n, channels, height, width], or of one; see
  /// ``maxPool1d(_:stride:padding:dilation:ceilMode:)``.
  public func maxPool2d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> Tensor {
    try maxPool2dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// As ``maxPool2d(_:stride:padding:dilation:ceilMode:)``, with the row-major place in its channel of each element
  /// taken (int64).
  public func maxPool2dWithIndices(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try maxPool(
      SlidingWindow(kernelSize, stride, padding, dilation, ceilMode), dims: 2, "maxPool2d")
  }

  /// The greatest element of each window of volumes [n, channels, depth, height, width], or of one; see
  /// ``maxPool1d(_:stride:padding:dilation:ceilMode:)``.
  public func maxPool3d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> Tensor {
    try maxPool3dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// As ``maxPool3d(_:stride:padding:dilation:ceilMode:)``, with the row-major place in its channel of each element
  /// taken (int64).
  public func maxPool3dWithIndices(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, ceilMode: Bool = false
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try maxPool(
      SlidingWindow(kernelSize, stride, padding, dilation, ceilMode), dims: 3, "maxPool3d")
  }

  private func maxPool(
    _ window: SlidingWindow, dims: Int, _ operation: StaticString
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let windows = try window.windows(of: self, dims: dims, average: nil, operation)
    // PyTorch pools a signal as an image of one row.
    let name = dims == 1 ? "SqueezeBackward1" : "MaxPool\(dims)DWithIndicesBackward0"
    return try greatest(windows, name, operation)
  }

  /// The greatest element of each window, and its place.
  func greatest(
    _ windows: PoolingWindows, _ name: String, _ operation: StaticString
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let x = try castToComputing(operation).denseCopyIfStrided(operation)
    let found = try Tensor.empty(windows.mapShape(shape), dtype: x.dtype, operation)
    let indices = try Tensor.empty(found.shape, dtype: .int64, operation)
    windows.run(kernels.pointee.pool.max, x: x, y: found, indices: indices)
    withExtendedLifetime(x) {}
    let values = try found.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      values.record(
        MaxPoolBackward(self, indices, windows, name), nanoseconds: Float(count + values.count))
    }
    return (values, indices)
  }

  /// This gradient of chosen elements, put to their places; several to one place are summed in their order.
  fileprivate func scattered(
    _ indices: Tensor, _ windows: PoolingWindows, _ name: String
  ) throws(TensorError) -> Tensor {
    let operation: StaticString = "max_pool_backward"
    let y = try castToComputing(operation).denseCopyIfStrided(operation)
    let image = try Tensor.empty(windows.imageShape(shape), dtype: y.dtype, operation)
    if y.count == 0 { image.fillElements(.integer(0)) }
    windows.run(kernels.pointee.pool.scatter, x: image, y: y, indices: indices)
    withExtendedLifetime((y, indices)) {}
    let out = try image.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      out.record(
        MaxPoolBackwardBackward(self, indices, windows, name), nanoseconds: Float(out.count))
    }
    return out
  }

  /// The elements at `indices`: the gradient of ``scattered(_:_:_:)``.
  fileprivate func gathered(
    _ indices: Tensor, _ windows: PoolingWindows, _ name: String
  ) throws(TensorError) -> Tensor {
    let operation: StaticString = "max_pool_backward_backward"
    let x = try castToComputing(operation).denseCopyIfStrided(operation)
    let found = try Tensor.empty(windows.mapShape(shape), dtype: x.dtype, operation)
    windows.run(kernels.pointee.pool.gather, x: x, y: found, indices: indices)
    withExtendedLifetime((x, indices)) {}
    let out = try found.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      out.record(MaxPoolBackward(self, indices, windows, name), nanoseconds: Float(count))
    }
    return out
  }
}

/// The gradient goes to the elements taken.
final class MaxPoolBackward: Node, @unchecked Sendable {
  private let windows: PoolingWindows
  private let ownName: String

  init(_ x: Tensor, _ indices: Tensor, _ windows: PoolingWindows, _ name: String) {
    (self.windows, ownName) = (windows, name)
    super.init(x)
    save(indices)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.scattered(saved(0), windows, ownName) }
  }
}

/// Linear in the gradient: what comes back is read at the places it went to.
final class MaxPoolBackwardBackward: Node, @unchecked Sendable {
  private let windows: PoolingWindows
  private let poolingName: String

  init(_ g: Tensor, _ indices: Tensor, _ windows: PoolingWindows, _ name: String) {
    (self.windows, poolingName) = (windows, name)
    super.init(g)
    save(indices)
  }

  override var name: String {
    poolingName.replacing("Backward0", with: "BackwardBackward0")
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.gathered(saved(0), windows, poolingName) }
  }
}
