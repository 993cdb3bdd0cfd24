extension Tensor {
  /// Dims of size one, and new dims in front, repeated to `shape`; -1 keeps a size. A view: no element is
  /// copied. Its gradient is the sum over what was repeated.
  ///
  /// Throws where a dim of another size would change.
  public func expand(_ shape: Shape) throws(TensorError) -> Tensor {
    var target = shape
    let lead = shape.rank - rank
    if lead >= 0, shape.rank <= Shape.maximumRank {
      for i in 0..<shape.rank where shape[i] == -1 && i >= lead {
        target[i] = self.shape[i - lead]
      }
    }
    return try expand(checking: target, "expand")
  }

  /// A view broadcast to `shape`, as operands are; see ``expand(_:)``.
  public func broadcastTo(_ shape: Shape) throws(TensorError) -> Tensor {
    try expand(checking: shape, "broadcastTo")
  }

  private func expand(
    checking target: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard target.checkedElementCount != nil else {
      throw TensorError(
        .invalidShape, operation, shapes: [shape, target],
        "sizes must be 0 or more (-1 keeps that of an existing dim), their product must not overflow, and "
          + "there may be at most \(Shape.maximumRank) dims")
    }
    guard shape.broadcasts(to: target) else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape, target],
        "each size, aligned at the last dim, must be kept, or be 1 where it is to be repeated")
    }
    let expanded = Layout(
      shape: target, strides: expandedStrides(target), offset: layout.offset)
    let cost = Node.viewCost + Float(ElementwiseMap.Cost.plain.nanoseconds) * Float(expanded.count)
    return recordedView(expanded, nanoseconds: cost) { ExpandBackward($0) }
  }

  /// Strides of the expanded view: a dim that keeps its size keeps its stride.
  private func expandedStrides(_ target: Shape) -> Shape {
    var strides = layout.broadcastStrides(to: target)
    let lead = target.rank - rank
    for i in lead..<target.rank where target[i] == 1 { strides[i] = self.strides[i - lead] }
    return strides
  }
}

final class ExpandBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let shape = inputShape(0)
    sink[0] = gradient.shape == shape ? gradient : try gradient.sum(toShape: shape)
  }
}
