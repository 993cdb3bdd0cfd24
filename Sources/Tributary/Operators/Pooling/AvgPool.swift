import CTributaryKernels

extension Tensor {
  /// The average of each window of a signal [n, channels, length], or [channels, length].
  ///
  /// - Parameters:
  ///   - kernelSize: elements of a window
  ///   - stride: from window to window; nil: as the window is long
  ///   - padding: so many zeros on both sides; at most half a window
  ///   - ceilMode: whether a window may reach beyond the end, so long as it begins before it
  ///   - countIncludePad: whether the zeros of the padding count as elements
  /// - Returns: [n, channels, (length + 2·padding − kernelSize) / stride + 1].
  ///
  /// For floating dtypes. A window's elements are summed first to last and divided once. Throws (`shapeMismatch`,
  /// `dtypeMismatch`, `invalidArgument`) where the window does not fit.
  public func avgPool1d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    ceilMode: Bool = false, countIncludePad: Bool = true
  ) throws(TensorError) -> Tensor {
    try avgPool(
      SlidingWindow(kernelSize, stride, padding, 1, ceilMode), dims: 1,
      .init(countIncludePad: countIncludePad, divisorOverride: nil), "avgPool1d")
  }

  /// The average of each window of images [n, channels, height, width], or of one; see
  /// ``avgPool1d(_:stride:padding:ceilMode:countIncludePad:)``.
  ///
  /// - Parameter divisorOverride: what sums are divided by instead of their number.
  public func avgPool2d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) throws(TensorError) -> Tensor {
    try avgPool(
      SlidingWindow(kernelSize, stride, padding, 1, ceilMode), dims: 2,
      .init(countIncludePad: countIncludePad, divisorOverride: divisorOverride), "avgPool2d")
  }

  /// The average of each window of volumes [n, channels, depth, height, width], or of one; see
  /// ``avgPool2d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  public func avgPool3d(
    _ kernelSize: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) throws(TensorError) -> Tensor {
    try avgPool(
      SlidingWindow(kernelSize, stride, padding, 1, ceilMode), dims: 3,
      .init(countIncludePad: countIncludePad, divisorOverride: divisorOverride), "avgPool3d")
  }

  private func avgPool(
    _ window: SlidingWindow, dims: Int, _ average: SlidingWindow.Average, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let windows = try window.windows(of: self, dims: dims, average: average, operation)
    let name = dims == 1 ? "SqueezeBackward1" : "AvgPool\(dims)DBackward0"
    return try averaged(windows, name, operation)
  }

  /// The average of each window.
  func averaged(
    _ windows: PoolingWindows, _ name: String, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let x = try castToComputing(operation).denseCopyIfStrided(operation)
    let averages = try Tensor.empty(windows.mapShape(shape), dtype: x.dtype, operation)
    windows.run(kernels.pointee.pool.average, x: x, y: averages)
    withExtendedLifetime(x) {}
    let out = try averages.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      out.record(AvgPoolBackward(self, windows, name), nanoseconds: Float(count + out.count))
    }
    return out
  }

  /// This gradient of averages, divided among the elements of their windows.
  fileprivate func spread(
    _ windows: PoolingWindows, _ name: String
  ) throws(TensorError) -> Tensor {
    let operation: StaticString = "avg_pool_backward"
    let y = try castToComputing(operation).denseCopyIfStrided(operation)
    let image = try Tensor.empty(windows.imageShape(shape), dtype: y.dtype, operation)
    if y.count == 0 { image.fillElements(.integer(0)) }
    windows.run(kernels.pointee.pool.spread, x: image, y: y)
    withExtendedLifetime(y) {}
    let out = try image.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      out.record(AvgPoolBackwardBackward(self, windows, name), nanoseconds: Float(out.count))
    }
    return out
  }
}

/// The gradient of an average is divided among what it averaged.
final class AvgPoolBackward: Node, @unchecked Sendable {
  private let windows: PoolingWindows
  private let ownName: String

  init(_ x: Tensor, _ windows: PoolingWindows, _ name: String) {
    (self.windows, ownName) = (windows, name)
    super.init(x)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.spread(windows, ownName) }
  }
}

/// Linear in the gradient: what comes back is averaged.
final class AvgPoolBackwardBackward: Node, @unchecked Sendable {
  private let windows: PoolingWindows
  private let poolingName: String

  init(_ g: Tensor, _ windows: PoolingWindows, _ name: String) {
    (self.windows, poolingName) = (windows, name)
    super.init(g)
  }

  override var name: String { poolingName.replacing("Backward0", with: "BackwardBackward0") }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      sink[0] = try gradient.averaged(windows, poolingName, "avg_pool_backward_backward")
    }
  }
}
