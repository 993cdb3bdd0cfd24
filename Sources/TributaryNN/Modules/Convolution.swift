import Tributary

/// The parameters of a convolution layer, and their beginning: uniform in ±1/√(elements of a filter), as PyTorch's
/// (He et al. 2015 with a = √5).
struct ConvolutionParameters: Sendable {
  let weight: Tensor
  let bias: Tensor?

  init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: SpatialSize, dims: Int, groups: Int,
    bias: Bool, dtype: DType, generator: Generator?
  ) throws(TensorError) {
    guard groups >= 1, inChannels % groups == 0, outChannels % groups == 0 else {
      throw TensorError(
        .invalidArgument, operation: "Conv\(dims)d",
        "\(inChannels) and \(outChannels) channels must be multiples of the \(groups) groups")
    }
    let kernel = try kernelSize.perDim(dims, "Conv\(dims)d")
    let shape = Shape([outChannels, inChannels / groups] + kernel)
    let fanIn = shape.dropFirst().reduce(1.0) { $0 * Double($1) }
    let bound = fanIn > 0 ? 1 / fanIn.squareRoot() : 0
    weight = try .parameter(shape, within: bound, dtype, generator)
    self.bias = bias ? try .parameter([outChannels], within: bound, dtype, generator) : nil
  }

  var all: [Tensor] { bias.map { [weight, $0] } ?? [weight] }
}
