import Tributary
import TributaryNN

/// Attention and two layers, each behind a normalisation and beside a way around it (Vaswani et al. 2017; normalised
/// first, as Xiong et al. 2020 have it).
struct TransformerBlock: Module {
  private let heads: Int
  private let norms: (LayerNorm, LayerNorm)
  private let projection, output, first, second: Linear

  init(width: Int, heads: Int) throws {
    self.heads = heads
    let shape: Shape = [width]
    norms = (try LayerNorm(shape), try LayerNorm(shape))
    (projection, output) = (try Linear(width, 3 * width), try Linear(width, width))
    (first, second) = (try Linear(width, 4 * width), try Linear(4 * width, width))
  }

  var parameters: [Tensor] {
    [norms.0, norms.1, projection, output, first, second].flatMap(parameters(of:))
  }

  private func parameters(of module: any Module) -> [Tensor] { module.parameters }

  func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let parts = try projection(norms.0(x)).view([batch, length, 3, heads, width / heads])
      .permute([2, 0, 3, 1, 4]).unbind()
    let seen = try scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
    let joined = try seen.transpose(1, 2).reshape([batch, length, width])
    let x = try x + output(joined)
    return try x + second(first(norms.1(x)).gelu())
  }
}

extension Workload {
  @Sendable static func transformer(_ times: Int) throws -> Workload {
    let (width, heads, length, batch, depth) = (256, 8, 128, 32 * times, 4)
    let x = try Tensor.randn([batch, length, width])
    let model = Sequential(
      try (0..<depth).map { _ in try TransformerBlock(width: width, heads: heads) })
    let tokens = Double(batch * length)
    // Four products of 12 · width² weights in all; the attention's two, of which half is masked.
    let perToken = 6.0 * 12 * Double(width * width) + 6 * Double(length * width)
    return Workload(
      "transformer", inputs: [x], parameters: model.parameters,
      optimizer: try SGD(model.parameters, lr: 1e-3, momentum: 0.9),
      operations: Double(depth) * tokens * perToken
    ) { try model(x).square().mean() }
  }
}
