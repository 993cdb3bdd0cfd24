extension Tensor {
  /// A tensor that shares these elements under `layout`. All views are made here.
  @inline(__always)
  package func makeView(_ layout: Layout) -> Tensor {
    let out = alias(layout)
    out.becomeView(of: self)
    return out
  }

  /// A view under `layout`, recorded by the node that `node` makes; its backward takes some `nanoseconds`.
  @inline(__always)
  package func recordedView(
    _ layout: Layout, nanoseconds: Float = Node.viewCost, _ node: (Tensor) -> Node
  ) -> Tensor {
    let out = makeView(layout)
    if AutogradMode.records(self) { out.record(node(self), nanoseconds: nanoseconds) }
    return out
  }

  /// Estimated nanoseconds of the backward of a view on a part of these elements: it fills as many.
  package var embeddingCost: Float {
    Node.viewCost + Float(ElementwiseMap.Cost.plain.nanoseconds) * Float(count)
  }

  /// The elements in row-major order under another shape; one size may be -1.
  ///
  /// A view where strides allow it, else a dense copy. Throws where the numbers of elements differ.
  public func reshape(_ shape: Shape) throws(TensorError) -> Tensor {
    let target = try shape.resolved(forCount: count, from: self.shape, "reshape")
    return try reshape(resolved: target, "reshape")
  }

  private func reshape(
    resolved target: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if let strides = layout.strides(readAs: target) {
      return recordedView(Layout(shape: target, strides: strides, offset: layout.offset)) {
        ViewBackward($0)
      }
    }
    let out = try Tensor.empty(target, dtype: dtype, operation)
    out.alias(Layout(dense: self.shape, count: count)).copyElements(from: self)
    if AutogradMode.records(self) { out.record(UnsafeViewBackward(self)) }
    return out
  }

  /// This result, dense and not yet given out, under another shape: no view of it, for nobody else will see it.
  func unsafeView(_ shape: Shape) -> Tensor {
    let out = alias(Layout(dense: shape, count: count))
    if AutogradMode.records(self) {
      out.record(UnsafeViewBackward(self), nanoseconds: Node.viewCost)
    }
    return out
  }

  /// The elements under another shape without copying; one size may be -1.
  ///
  /// Throws where the strides do not allow it: `reshape` copies then.
  public func view(_ shape: Shape) throws(TensorError) -> Tensor {
    let target = try shape.resolved(forCount: count, from: self.shape, "view")
    guard let strides = layout.strides(readAs: target) else {
      throw TensorError(
        .shapeMismatch, "view", shapes: [self.shape, target],
        "no strides read these elements (strides \(self.strides)) in that shape; use reshape, which copies"
      )
    }
    return recordedView(Layout(shape: target, strides: strides, offset: layout.offset)) {
      ViewBackward($0)
    }
  }

  /// The dims `startDim` to `endDim`, both included, merged into one; a view where strides allow it.
  ///
  /// A tensor without dims becomes one of one element.
  public func flatten(startDim: Int = 0, endDim: Int = -1) throws(TensorError) -> Tensor {
    let first = try shape.index(ofDim: startDim, "flatten")
    let last = try shape.index(ofDim: endDim, "flatten")
    guard first <= last else {
      throw TensorError(
        .invalidArgument, "flatten", shapes: [shape],
        "startDim \(startDim) comes after endDim \(endDim)")
    }
    if rank == 0 { return try reshape(resolved: [1], "flatten") }
    if first == last { return self }
    var target = shape
    for _ in first..<last { target.remove(at: first) }
    target[first] = shape[first...last].reduce(1, *)
    return try reshape(resolved: target, "flatten")
  }

  /// Dim `dim` cut into dims of the given sizes, of which one may be -1; a view.
  public func unflatten(_ dim: Int, _ sizes: Shape) throws(TensorError) -> Tensor {
    let index = try shape.index(ofDim: dim, "unflatten")
    guard rank > 0, !sizes.isEmpty else {
      throw TensorError(
        .invalidArgument, "unflatten", shapes: [shape, sizes],
        "needs a tensor with dims, and at least one size")
    }
    let parts = try sizes.resolved(forCount: shape[index], from: [shape[index]], "unflatten")
    return try view(Shape(shape[..<index] + Array(parts) + shape[(index + 1)...]))
  }
}

extension Node {
  /// Estimated nanoseconds of a backward that is a view itself.
  package static var viewCost: Float { 60 }
}

/// Whatever moves no element: the gradient goes back to the input's shape.
class ViewBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.reshape(inputShape(0)) }
  }
}

final class UnsafeViewBackward: ViewBackward, @unchecked Sendable {}
