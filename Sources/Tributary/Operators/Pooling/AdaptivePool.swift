extension Tensor {
  /// Averages of a signal [n, channels, length] (or unbatched) over `outputSize` windows that cover it evenly: window o
  /// is ⌊o·length / outputSize⌋ ..< ⌈(o + 1)·length / outputSize⌉.
  ///
  /// For floating dtypes. Throws (`shapeMismatch`, `dtypeMismatch`, `invalidArgument`) where a size does not fit.
  public func adaptiveAvgPool1d(_ outputSize: SpatialSize) throws(TensorError) -> Tensor {
    try adaptiveAvgPool(outputSize, dims: 1, "adaptiveAvgPool1d")
  }

  /// Averages of images [n, channels, height, width] (or one) over a grid of windows; see ``adaptiveAvgPool1d(_:)``.
  public func adaptiveAvgPool2d(_ outputSize: SpatialSize) throws(TensorError) -> Tensor {
    try adaptiveAvgPool(outputSize, dims: 2, "adaptiveAvgPool2d")
  }

  /// Averages of volumes [n, channels, depth, height, width] (or one) over a grid of windows; see
  /// ``adaptiveAvgPool1d(_:)``.
  public func adaptiveAvgPool3d(_ outputSize: SpatialSize) throws(TensorError) -> Tensor {
    try adaptiveAvgPool(outputSize, dims: 3, "adaptiveAvgPool3d")
  }

  /// The greatest elements of the windows of ``adaptiveAvgPool1d(_:)``, and their places (int64).
  public func adaptiveMaxPool1d(
    _ outputSize: SpatialSize
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try adaptiveMaxPool(outputSize, dims: 1, "adaptiveMaxPool1d")
  }

  /// The greatest elements of the windows of ``adaptiveAvgPool2d(_:)``, and their row-major places (int64).
  public func adaptiveMaxPool2d(
    _ outputSize: SpatialSize
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try adaptiveMaxPool(outputSize, dims: 2, "adaptiveMaxPool2d")
  }

  /// The greatest elements of the windows of ``adaptiveAvgPool3d(_:)``, and their row-major places (int64).
  public func adaptiveMaxPool3d(
    _ outputSize: SpatialSize
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    try adaptiveMaxPool(outputSize, dims: 3, "adaptiveMaxPool3d")
  }

  private func adaptiveAvgPool(
    _ outputSize: SpatialSize, dims: Int, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let windows = try adaptiveWindows(outputSize, dims: dims, operation)
    // One window is a reduction, which has lanes.
    if dims > 1, windows.mapShape(shape).suffix(dims).allSatisfy({ $0 == 1 }) {
      return try mean(dim: Array(rank - dims..<rank), keepDim: true)
    }
    let name = dims == 1 ? "SqueezeBackward1" : "AdaptiveAvgPool\(dims)DBackward0"
    return try averaged(windows, name, operation)
  }

  private func adaptiveMaxPool(
    _ outputSize: SpatialSize, dims: Int, _ operation: StaticString
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let windows = try adaptiveWindows(outputSize, dims: dims, operation)
    let name = dims == 1 ? "SqueezeBackward1" : "AdaptiveMaxPool\(dims)DBackward0"
    return try greatest(windows, name, operation)
  }

  private func adaptiveWindows(
    _ outputSize: SpatialSize, dims: Int, _ operation: StaticString
  ) throws(TensorError) -> PoolingWindows {
    try checkPooled(self, dims: dims, operation)
    let sizes = try outputSize.sizes(dims, atLeast: 0, "outputSize", operation)
    var windows = PoolingWindows(dims: dims)
    for d in 0..<dims {
      let (size, count) = (shape[rank - dims + d], sizes[d])
      try PoolingWindows.checkCount(count, of: size, operation)
      windows.append(
        image: size,
        (0..<count).map { place in
          let start = place * size / count
          let end = ((place + 1) * size + count - 1) / count
          return (start, end, end - start)
        })
    }
    return windows
  }
}
