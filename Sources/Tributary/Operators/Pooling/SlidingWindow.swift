/// A window that slides over the spatial dims in steps: what max and average pooling take.
struct SlidingWindow {
  /// How an average counts what a window has outside of the image.
  struct Average {
    let countIncludePad: Bool
    let divisorOverride: Int?
  }

  private let kernelSize: SpatialSize
  private let stride: SpatialSize
  private let padding: SpatialSize
  private let dilation: SpatialSize
  private let ceilMode: Bool

  init(
    _ kernelSize: SpatialSize, _ stride: SpatialSize?, _ padding: SpatialSize,
    _ dilation: SpatialSize, _ ceilMode: Bool
  ) {
    (self.kernelSize, self.stride) = (kernelSize, stride ?? kernelSize)
    (self.padding, self.dilation, self.ceilMode) = (padding, dilation, ceilMode)
  }

  /// The windows over the last `dims` dims of `x`.
  func windows(
    of x: Tensor, dims: Int, average: Average?, _ operation: StaticString
  ) throws(TensorError) -> PoolingWindows {
    try checkPooled(x, dims: dims, operation)
    let kernel = try kernelSize.sizes(dims, atLeast: 1, "kernelSize", operation)
    let steps = try stride.sizes(dims, atLeast: 1, "stride", operation)
    let zeros = try padding.sizes(dims, atLeast: 0, "padding", operation)
    let dilations = try dilation.sizes(dims, atLeast: 1, "dilation", operation)
    var result = PoolingWindows(dims: dims)
    if let override = average?.divisorOverride {
      guard override != 0 else {
        throw TensorError(.invalidArgument, operation, "divisorOverride must not be 0")
      }
      result.divisor = Double(override)
    }
    for d in 0..<dims {
      let size = x.shape[x.rank - dims + d]
      let (step, pad, dilation) = (steps[d], zeros[d], dilations[d])
      let reach = (kernel[d] - 1) * dilation + 1
      guard pad <= reach / 2 else {
        throw TensorError(
          .invalidArgument, operation,
          "padding \(pad) must be at most half of the window, which spans \(reach)")
      }
      let room = size + 2 * pad - reach
      var count = room < 0 ? 0 : (room + (ceilMode ? step - 1 : 0)) / step + 1
      // No window begins behind the end.
      if ceilMode, count > 0, (count - 1) * step >= size + pad { count -= 1 }
      guard count > 0 else {
        throw TensorError(
          .shapeMismatch, operation, shapes: [x.shape],
          "a window that spans \(reach) does not fit into \(size) elements with padding \(pad)")
      }
      try PoolingWindows.checkCount(count, of: size, operation)
      let windows = (0..<count).map { place in
        var start = place * step - pad
        let paddedEnd = min(start + reach, size + pad)
        let (extent, end) = (paddedEnd - start, min(paddedEnd, size))
        if start < 0 { start += (-start + dilation - 1) / dilation * dilation }
        return (
          start: start, end: end, extent: average?.countIncludePad == false ? end - start : extent
        )
      }
      // Dilated, a window can step over the whole of a small image.
      guard average != nil || !windows.contains(where: { $0.start >= $0.end }) else {
        throw TensorError(
          .shapeMismatch, operation, shapes: [x.shape],
          "a window with dilation \(dilation) and padding \(pad) has no element of the \(size) in it; "
            + "use less of either")
      }
      result.append(image: size, step: dilation, windows)
    }
    return result
  }
}

/// A pooled tensor is batched or not, floating, and not empty but for its batch.
func checkPooled(_ x: Tensor, dims: Int, _ operation: StaticString) throws(TensorError) {
  guard x.rank == dims + 1 || x.rank == dims + 2 else {
    throw TensorError(
      .shapeMismatch, operation, shapes: [x.shape],
      "takes \(dims + 2) dims, or \(dims + 1) unbatched")
  }
  guard x.dtype.isFloatingPoint else { throw Binary.unsupported(x.dtype, operation) }
  guard !x.shape.dropFirst(x.rank - dims - 1).contains(0) else {
    throw TensorError(
      .shapeMismatch, operation, shapes: [x.shape],
      "channels and spatial dims must not be empty; only the batch may be")
  }
}
