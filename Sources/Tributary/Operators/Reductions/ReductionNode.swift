/// The node of a reduction over dims.
class ReductionNode: Node, @unchecked Sendable {
  let dims: DimSet
  let keepDim: Bool
  private let ownName: String

  init(_ x: Tensor, _ dims: DimSet, keepDim: Bool, _ name: String) {
    (self.dims, self.keepDim, ownName) = (dims, keepDim, name)
    super.init(x)
  }

  final override var name: String { ownName }

  /// The result, or its gradient, seen in the shape of the input: the reduced dims come back, repeated.
  final func expanded(_ reduced: Tensor) throws(TensorError) -> Tensor {
    let shape = inputShape(0)
    var result = reduced
    if !keepDim, dims.bits != 0 { result = try result.reshape(dims.reducing(shape, keepDim: true)) }
    return result.shape == shape ? result : try result.expand(shape)
  }
}
