/// The cross-correlation of a signal with a kernel, as convolution is understood in deep learning.
///
/// y[n, f, o] = bias[f] + Σ over c, t of weight[f, c, t] · input[n, c, o·stride + t·dilation − padding], zero outside of
/// the input.
///
/// - Parameters:
///   - input: [n, channels, length] or [channels, length]
///   - weight: [filters, channels / groups, kernel]
///   - bias: [filters], or nil
///   - groups: how many parts channels and filters are taken apart into, each part of the filters seeing only its own
///     channels
/// - Returns: [n, filters, (length + 2·padding − dilation·(kernel − 1) − 1) / stride + 1], unbatched as the input.
///
/// All operands of one floating dtype. Throws (`shapeMismatch`, `dtypeMismatch`, `invalidArgument`) where
/// they do not fit. Takes two operations for each element of the result, channel of a group and element of the kernel.
/// Each element is one chain of fused multiply-adds in blocks of 512 (tri_conv.h), computed as the product of the
/// kernel and the unfolded input, which is packed piece by piece: a sample has the same bits alone and in any batch.
public func conv1d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: ConvolutionPadding = 0, dilation: SpatialSize = 1, groups: Int = 1
) throws(TensorError) -> Tensor {
  try convolution(input, weight, bias, stride, padding, dilation, groups, dims: 1, "conv1d")
}

/// The cross-correlation of images [n, channels, height, width] (or one, [channels, height, width]) with a kernel
/// [filters, channels / groups, height, width]; see ``conv1d(_:_:_:stride:padding:dilation:groups:)``.
public func conv2d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: ConvolutionPadding = 0, dilation: SpatialSize = 1, groups: Int = 1
) throws(TensorError) -> Tensor {
  try convolution(input, weight, bias, stride, padding, dilation, groups, dims: 2, "conv2d")
}

/// The cross-correlation of volumes [n, channels, depth, height, width] (or one, unbatched) with a kernel
/// [filters, channels / groups, depth, height, width]; see ``conv1d(_:_:_:stride:padding:dilation:groups:)``.
public func conv3d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: ConvolutionPadding = 0, dilation: SpatialSize = 1, groups: Int = 1
) throws(TensorError) -> Tensor {
  try convolution(input, weight, bias, stride, padding, dilation, groups, dims: 3, "conv3d")
}

private func convolution(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, _ stride: SpatialSize,
  _ padding: ConvolutionPadding, _ dilation: SpatialSize, _ groups: Int, dims: Int,
  _ operation: StaticString
) throws(TensorError) -> Tensor {
  try checkConvolution(input, weight, bias, dims: dims, operation)
  let strides = try stride.sizes(dims, atLeast: 1, "stride", operation)
  let dilations = try dilation.sizes(dims, atLeast: 1, "dilation", operation)
  let x = input.rank == dims + 1 ? try input.unsqueeze(0) : input
  let shapes = [input.shape, weight.shape]
  guard groups >= 1, weight.shape[0] % groups == 0, x.shape[1] % groups == 0,
    x.shape[1] / groups == weight.shape[1]
  else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes,
      "with \(groups) groups a weight of \(weight.shape[0]) filters of \(weight.shape[1]) channels does not fit "
        + "\(x.shape[1]) input channels; filters and channels must be multiples of the groups, and the input's "
        + "channels groups times the weight's")
  }
  if let bias, bias.rank != 1 || bias.shape[0] != weight.shape[0] {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes + [bias.shape],
      "the bias must have one element for each of the \(weight.shape[0]) filters")
  }
  var (paddings, size) = (Shape(), Shape?.none)
  switch padding.rule {
  case .zeros(let zeros): paddings = try zeros.sizes(dims, atLeast: 0, "padding", operation)
  case .same:
    guard strides.allSatisfy({ $0 == 1 }) else {
      throw TensorError(
        .invalidArgument, operation, "padding .same needs a stride of 1; give numbers of zeros")
    }
    for d in 0..<dims {
      let (reach, overflow) = dilations[d].multipliedReportingOverflow(by: weight.shape[d + 2] - 1)
      paddings.append(overflow ? .max : reach / 2)
    }
    size = x.shape.spatial
  }
  let geometry = ConvolutionGeometry(
    stride: strides, padding: paddings, dilation: dilations, groups: groups)
  guard let size = size ?? geometry.map(image: x.shape, kernel: weight.shape) else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes,
      "the dilated kernel is larger than the padded input; use a smaller one, or more padding")
  }
  let out = try geometry.map(x, weight, bias, size: size, operation)
  return input.rank == dims + 1 ? try out.squeeze(0) : out
}

/// Ranks, dtypes, and a kernel that is not empty.
func checkConvolution(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, dims: Int, _ operation: StaticString
) throws(TensorError) {
  let shapes = [input.shape, weight.shape]
  guard input.rank == dims + 2 || input.rank == dims + 1, weight.rank == dims + 2 else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes,
      "takes an input of \(dims + 2) dims (\(dims + 1) unbatched) and a weight of \(dims + 2)")
  }
  let dtypes = [input.dtype, weight.dtype] + (bias.map { [$0.dtype] } ?? [])
  guard input.dtype.isFloatingPoint, dtypes.allSatisfy({ $0 == input.dtype }) else {
    throw TensorError(
      .dtypeMismatch, operation, dtypes: dtypes,
      "input, weight and bias must have one floating dtype; convert with to(_:)")
  }
  guard !weight.shape.spatial.contains(0) else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes, "the kernel must have at least one element")
  }
  guard !input.shape.dropFirst(input.rank - dims).contains(0) else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes,
      "the input's spatial dims must not be empty; only the batch may be")
  }
}
