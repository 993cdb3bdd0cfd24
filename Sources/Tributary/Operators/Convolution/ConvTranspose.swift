/// The transposed convolution of a signal: the gradient of ``conv1d(_:_:_:stride:padding:dilation:groups:)`` by its input,
/// as a layer of its own.
///
/// - Parameters:
///   - input: [n, channels, length] or [channels, length]
///   - weight: [channels, filters / groups, kernel]
///   - bias: [filters], or nil
///   - padding: what the convolution whose gradient this is would put around its input; here so much is cut off
///   - outputPadding: added to one side of the result's size, which a stride leaves open; less than stride or dilation
/// - Returns: [n, filters, (length − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1].
///
/// All operands of one floating dtype. Throws (`shapeMismatch`, `dtypeMismatch`, `invalidArgument`) where
/// they do not fit. Each element is one chain of fused multiply-adds over channels and those kernel positions that reach
/// it (tri_conv.h): nothing is scattered, and the zeros that a stride would put into the input are not multiplied.
public func convTranspose1d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: SpatialSize = 0, outputPadding: SpatialSize = 0, groups: Int = 1,
  dilation: SpatialSize = 1
) throws(TensorError) -> Tensor {
  try convTranspose(
    input, weight, bias, stride, padding, outputPadding, groups, dilation, dims: 1,
    "convTranspose1d")
}

/// The transposed convolution of images [n, channels, height, width] (or one, unbatched) with a weight
/// [channels, filters / groups, height, width]; see
/// ``convTranspose1d(_:_:_:stride:padding:outputPadding:groups:dilation:)``.
public func convTranspose2d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: SpatialSize = 0, outputPadding: SpatialSize = 0, groups: Int = 1,
  dilation: SpatialSize = 1
) throws(TensorError) -> Tensor {
  try convTranspose(
    input, weight, bias, stride, padding, outputPadding, groups, dilation, dims: 2,
    "convTranspose2d")
}

/// The transposed convolution of volumes [n, channels, depth, height, width] (or one, unbatched) with a weight
/// [channels, filters / groups, depth, height, width]; see
/// ``convTranspose1d(_:_:_:stride:padding:outputPadding:groups:dilation:)``.
public func convTranspose3d(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: SpatialSize = 1,
  padding: SpatialSize = 0, outputPadding: SpatialSize = 0, groups: Int = 1,
  dilation: SpatialSize = 1
) throws(TensorError) -> Tensor {
  try convTranspose(
    input, weight, bias, stride, padding, outputPadding, groups, dilation, dims: 3,
    "convTranspose3d")
}

private func convTranspose(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, _ stride: SpatialSize, _ padding: SpatialSize,
  _ outputPadding: SpatialSize, _ groups: Int, _ dilation: SpatialSize, dims: Int,
  _ operation: StaticString
) throws(TensorError) -> Tensor {
  try checkConvolution(input, weight, bias, dims: dims, operation)
  let geometry = ConvolutionGeometry(
    stride: try stride.sizes(dims, atLeast: 1, "stride", operation),
    padding: try padding.sizes(dims, atLeast: 0, "padding", operation),
    dilation: try dilation.sizes(dims, atLeast: 1, "dilation", operation), groups: groups)
  let extra = try outputPadding.sizes(dims, atLeast: 0, "outputPadding", operation)
  let y = input.rank == dims + 1 ? try input.unsqueeze(0) : input
  let shapes = [input.shape, weight.shape]
  guard groups >= 1, groups <= max(weight.shape[0], 1), y.shape[1] == weight.shape[0],
    weight.shape[0] % groups == 0
  else {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes,
      "the weight's first dim must be the input's \(y.shape[1]) channels, a multiple of the \(groups) groups"
    )
  }
  if let bias, bias.rank != 1 || bias.shape[0] != weight.shape[1] * groups {
    throw TensorError(
      .shapeMismatch, operation, shapes: shapes + [bias.shape],
      "the bias must have one element for each of the \(weight.shape[1] * groups) filters")
  }
  var size = Shape()
  for d in 0..<dims {
    guard extra[d] < max(geometry.stride[d], geometry.dilation[d]) else {
      throw TensorError(
        .invalidArgument, operation,
        "outputPadding \(extra[d]) must be less than the stride \(geometry.stride[d]) or the dilation "
          + "\(geometry.dilation[d])")
    }
    let (span, overflow) = (y.shape[d + 2] - 1).multipliedReportingOverflow(by: geometry.stride[d])
    let (reach, overflow2) = (weight.shape[d + 2] - 1).multipliedReportingOverflow(
      by: geometry.dilation[d])
    let (sum, overflow3) = span.addingReportingOverflow(reach)
    let length = overflow3 ? 0 : sum - 2 * geometry.padding[d] + extra[d] + 1
    guard !overflow, !overflow2, !overflow3, length > 0 else {
      throw TensorError(
        .shapeMismatch, operation, shapes: shapes,
        "the result would have a size of \(length); use less padding")
    }
    size.append(length)
  }
  let out = try geometry.image(
    y, weight, bias, size: size, isTransposed: true, operation)
  return input.rank == dims + 1 ? try out.squeeze(0) : out
}
