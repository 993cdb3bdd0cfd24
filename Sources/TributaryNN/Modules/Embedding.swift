import Tributary

/// A table of vectors, looked up by row number.
///
/// `weight` is [rows, width] and begins standard normal, as PyTorch's does; the row of the padding begins as zeros.
public struct Embedding: Module {
  /// [rows, width].
  public let weight: Tensor
  /// The row that stands for nothing: zeros at first, without gradient. Nil: none.
  public let paddingIdx: Int?

  /// - Parameter paddingIdx: negative from the back.
  /// - Throws: where a size is negative, and where there is no such row.
  public init(
    _ numEmbeddings: Int, _ embeddingDim: Int, paddingIdx: Int? = nil, dtype: DType = .float32,
    generator: Generator? = nil
  ) throws(TensorError) {
    let table = try Tensor.randn([numEmbeddings, embeddingDim], dtype: dtype, generator: generator)
    if let paddingIdx {
      guard paddingIdx >= -numEmbeddings, paddingIdx < numEmbeddings else {
        throw TensorError(
          .indexOutOfRange, operation: "Embedding", shapes: [table.shape],
          "paddingIdx \(paddingIdx) is no row of a table of \(numEmbeddings)")
      }
      try table.select(0, paddingIdx).zero_()
    }
    self.paddingIdx = paddingIdx
    weight = try table.requiresGrad_()
  }

  /// The weight.
  public var parameters: [Tensor] { [weight] }

  /// Row numbers of any shape to [...shape, width]; throws for one out of range.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try embedding(input, weight, paddingIdx: paddingIdx)
  }
}
