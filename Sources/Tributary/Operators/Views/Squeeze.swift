extension Tensor {
  /// All dims of size one dropped; a view.
  public func squeeze() throws(TensorError) -> Tensor {
    recordedView(layout.dropping { $0 == 1 }) { SqueezeBackward($0, variant: 0) }
  }

  /// Dim `dim` dropped where its size is one, else kept; a view.
  public func squeeze(_ dim: Int) throws(TensorError) -> Tensor {
    let index = try shape.index(ofDim: dim, "squeeze")
    let size = rank == 0 ? 0 : shape[index]
    let result = size == 1 ? layout.dropping(at: index) : layout
    return recordedView(result) { SqueezeBackward($0, variant: 1) }
  }

  /// A new dim of size one at `dim`, counted in the result; a view.
  public func unsqueeze(_ dim: Int) throws(TensorError) -> Tensor {
    guard rank < Shape.maximumRank else {
      throw TensorError(
        .invalidShape, "unsqueeze", shapes: [shape],
        "the result would have more than \(Shape.maximumRank) dims")
    }
    let index = try Shape(repeating: 1, rank: rank + 1).index(ofDim: dim, "unsqueeze")
    var (shape, strides) = (shape, strides)
    // The stride of a dim of one moves nothing; this one is PyTorch's.
    let stride = index < rank ? shape[index] &* strides[index] : 1
    shape.insert(1, at: index)
    strides.insert(stride, at: index)
    return recordedView(Layout(shape: shape, strides: strides, offset: layout.offset)) {
      UnsqueezeBackward($0, index)
    }
  }
}

extension Layout {
  /// Without dim `index`, of which the first position is kept.
  package func dropping(at index: Int) -> Layout {
    var (shape, strides) = (shape, strides)
    shape.remove(at: index)
    strides.remove(at: index)
    return Layout(shape: shape, strides: strides, offset: offset)
  }

  fileprivate func dropping(where drops: (Int) -> Bool) -> Layout {
    var (kept, steps) = (Shape(), Shape())
    for i in shape.indices where !drops(shape[i]) {
      kept.append(shape[i])
      steps.append(strides[i])
    }
    return Layout(shape: kept, strides: steps, offset: offset)
  }
}

final class SqueezeBackward: Node, @unchecked Sendable {
  private let variant: Int

  init(_ x: Tensor, variant: Int) {
    self.variant = variant
    super.init(x)
  }

  override var name: String { "SqueezeBackward\(variant)" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.reshape(inputShape(0)) }
  }
}

final class UnsqueezeBackward: Node, @unchecked Sendable {
  private let dim: Int

  init(_ x: Tensor, _ dim: Int) {
    self.dim = dim
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.squeeze(dim) }
  }
}
