import CTributaryKernels

/// x · weightᵀ + bias: what a fully connected layer computes.
///
/// - Parameters:
///   - input: [..., in]
///   - weight: [out, in]
///   - bias: [out], or nil
/// - Returns: [..., out]. One kernel for the product and the bias, with the bits of `matmul` and `add`.
public func linear(
  _ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil
) throws(TensorError) -> Tensor {
  guard weight.rank == 2, input.rank >= 1, input.shape[input.rank - 1] == weight.shape[1] else {
    throw TensorError(
      .shapeMismatch, "linear", shapes: [input.shape, weight.shape],
      "the input's last dim must equal the weight's second")
  }
  guard let bias else { return try input.matmul(weight.t()) }
  guard bias.rank == 1, bias.count == weight.shape[0] else {
    throw TensorError(
      .shapeMismatch, "linear", shapes: [input.shape, weight.shape, bias.shape],
      "the bias must have as many elements as the weight has rows")
  }
  guard input.dtype == weight.dtype, bias.dtype == weight.dtype, weight.dtype.isFloatingPoint else {
    throw TensorError(
      .dtypeMismatch, "linear", dtypes: [input.dtype, weight.dtype, bias.dtype],
      "input, weight and bias must have one floating dtype")
  }
  if input.rank == 2 { return try affine(input, weight, bias) }
  var result = input.shape
  result[input.rank - 1] = weight.shape[0]
  // The rows are counted, for beside a size of 0 they could not be worked out.
  let rows = input.shape[..<(input.rank - 1)].reduce(1, *)
  return try affine(input.reshape([rows, weight.shape[1]]), weight, bias).unsafeView(result)
}

private func affine(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) throws(TensorError) -> Tensor {
  let (m, n, k) = (x.shape[0], weight.shape[0], weight.shape[1])
  let out = try Tensor.empty(Shape(rows: m, columns: n), dtype: x.dtype, "linear")
  let denseBias = bias.isContiguous ? bias : try bias.denseCopy("linear")
  var problem = MatrixProduct.problem(
    x.dtype, .init(x), .init(transposed: weight), c: out.pointer)
  problem.bias = UnsafeRawPointer(denseBias.pointer)
  try MatrixProduct.run(&problem, "linear")
  withExtendedLifetime(denseBias) {}
  if AutogradMode.records(x, weight, bias) {
    out.record(
      AddmmBackward(x, weight, bias), nanoseconds: Float(2 * MatrixProduct.nanoseconds(m, n, k)))
  }
  return out
}

/// Y = X·Wᵀ + b: by X, G·W; by W, Gᵀ·X; by b, G summed over its rows.
final class AddmmBackward: Node, @unchecked Sendable {
  /// Saved for the other's gradient, so only where the other requires one.
  private let savedX: Int
  private let savedWeight: Int

  @inline(__always)
  override init(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) {
    let (wantsX, wantsWeight) = (x.requiresGrad, weight.requiresGrad)
    savedWeight = 0
    savedX = wantsX ? 1 : 0
    super.init(x, weight, bias)
    if wantsX { save(weight) }
    if wantsWeight { save(x) }
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      let product = ProductGradient(
        gradient, try saved(savedWeight), .matrices(transposed: false, otherTransposed: false))
      try sink.give(product, toInput: 0)
    }
    if sink.wants(1) {
      let product = ProductGradient(
        gradient, try saved(savedX), .matrices(transposed: true, otherTransposed: false))
      try sink.give(product, toInput: 1)
    }
    if sink.wants(2) { sink[2] = try gradient.sum(dim: 0) }
  }
}
