extension Tensor {
  /// The slice at `index` of dim `dim`, which is dropped; a negative index counts from the end. A view.
  public func select(_ dim: Int, _ index: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "select")
    guard rank > 0 else {
      throw TensorError(
        .indexOutOfRange, "select", shapes: [shape],
        "a tensor without dims has nothing to select from")
    }
    let size = shape[axis]
    guard index >= -size, index < size else {
      throw TensorError(
        .indexOutOfRange, "select", shapes: [shape],
        "index \(index) is out of range for dim \(axis) of size \(size)")
    }
    return select(checked: axis, index < 0 ? index + size : index)
  }

  fileprivate func select(checked axis: Int, _ index: Int) -> Tensor {
    recordedView(layout.selecting(axis, index), nanoseconds: embeddingCost) {
      SelectBackward($0, axis, index)
    }
  }

  /// Zeros of `shape` with this tensor at `index` of dim `axis`: the gradient through ``select(_:_:)``.
  fileprivate func selectBackward(
    _ shape: Shape, _ axis: Int, _ index: Int
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.filled(shape, .integer(0), dtype: dtype, "select_backward")
    out.alias(out.layout.selecting(axis, index)).copyElements(from: self)
    if AutogradMode.records(self) {
      out.record(SelectBackwardBackward(self, axis, index), nanoseconds: Node.viewCost)
    }
    return out
  }
}

extension Layout {
  package func selecting(_ axis: Int, _ index: Int) -> Layout {
    var result = dropping(at: axis)
    // Wrapping: a tensor without elements may have any strides.
    result.offset &+= index &* strides[axis]
    return result
  }
}

final class SelectBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let index: Int

  init(_ x: Tensor, _ axis: Int, _ index: Int) {
    (self.axis, self.index) = (axis, index)
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.selectBackward(inputShape(0), axis, index) }
  }
}

final class SelectBackwardBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let index: Int

  init(_ g: Tensor, _ axis: Int, _ index: Int) {
    (self.axis, self.index) = (axis, index)
    super.init(g)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient.select(checked: axis, index) }
  }
}
