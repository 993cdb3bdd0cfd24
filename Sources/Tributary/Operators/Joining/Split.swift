extension Tensor {
  /// Views of `size` positions of dim `dim` each; the last may be smaller.
  public func split(_ size: Int, dim: Int = 0) throws(TensorError) -> [Tensor] {
    let axis = try splittingAxis(dim, "split")
    let length = shape[axis]
    guard size > 0 || (size == 0 && length == 0) else {
      throw TensorError(
        .invalidArgument, "split", shapes: [shape], "the size of a part, \(size), must be positive")
    }
    // A dim of 0 gives one empty part.
    let count = length == 0 ? 1 : (length - 1) / size + 1
    try checkPartCount(count, "split")
    let sizes = (0..<count).map { Swift.min(size, length - $0 * size) }
    return parts(axis, sizes, "SplitBackward0")
  }

  /// Views of the given numbers of positions of dim `dim`, which must add up to its size.
  public func split(_ sizes: [Int], dim: Int = 0) throws(TensorError) -> [Tensor] {
    let axis = try splittingAxis(dim, "split")
    var sum = 0
    for size in sizes {
      let (next, overflow) = sum.addingReportingOverflow(size)
      guard size >= 0, !overflow else {
        throw TensorError(
          .invalidArgument, "split", shapes: [shape], "the sizes \(sizes) must be 0 or more")
      }
      sum = next
    }
    guard sum == shape[axis] else {
      throw TensorError(
        .invalidArgument, "split", shapes: [shape],
        "the sizes \(sizes) add up to \(sum), not to \(shape[axis]), the size of dim \(axis)")
    }
    return parts(axis, sizes, "SplitWithSizesBackward0")
  }

  /// At most `chunks` views of equal size along dim `dim`; the last may be smaller.
  public func chunk(_ chunks: Int, dim: Int = 0) throws(TensorError) -> [Tensor] {
    let axis = try splittingAxis(dim, "chunk")
    guard chunks > 0 else {
      throw TensorError(
        .invalidArgument, "chunk", shapes: [shape], "\(chunks) chunks; at least one is needed")
    }
    let length = shape[axis]
    if length == 0 {
      try checkPartCount(chunks, "chunk")
      return parts(axis, Array(repeating: 0, count: chunks), "SplitWithSizesBackward0")
    }
    return try split((length - 1) / chunks + 1, dim: axis)
  }

  /// The slices along dim `dim`, which is dropped: views.
  public func unbind(_ dim: Int = 0) throws(TensorError) -> [Tensor] {
    let axis = try splittingAxis(dim, "unbind")
    try checkPartCount(shape[axis], "unbind")
    let views = (0..<shape[axis]).map { makeView(layout.selecting(axis, $0)) }
    if AutogradMode.records(self), !views.isEmpty {
      record(views, UnbindBackward(self, axis, views.map(\.shape)))
    }
    return views
  }

  /// Throws where no memory would hold so many tensors: a dim may be expanded to any size.
  private func checkPartCount(_ count: Int, _ operation: StaticString) throws(TensorError) {
    guard count <= 1 << 24 else {
      throw TensorError(
        .invalidArgument, operation, shapes: [shape],
        "\(count) parts are too many to be tensors of their own; index or reshape instead")
    }
  }

  private func splittingAxis(_ dim: Int, _ operation: StaticString) throws(TensorError) -> Int {
    let axis = try shape.index(ofDim: dim, operation)
    guard rank > 0 else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape], "a tensor without dims has no parts")
    }
    return axis
  }

  private func parts(_ axis: Int, _ sizes: [Int], _ name: String) -> [Tensor] {
    var start = 0
    let views = sizes.map { size in
      let range = SliceRange(size: shape[axis], start: start, end: start + size, step: 1)
      start += size
      return makeView(layout.slicing(axis, range))
    }
    if AutogradMode.records(self), !views.isEmpty {
      record(views, SplitBackward(self, axis, views.map(\.shape), name))
    }
    return views
  }

  /// Makes `views` of this tensor the outputs of one node.
  private func record(_ views: [Tensor], _ node: Node) {
    node.cost = embeddingCost
    node.outputShape = views[0].shape
    node.outputDType = dtype
    for (index, view) in views.enumerated() {
      view.node = node
      view.outputIndex = Int32(index)
      view.requiresGrad = true
    }
  }
}

/// A node whose outputs are parts of its one input.
class PartsBackward: Node, @unchecked Sendable {
  fileprivate let axis: Int
  private let shapes: [Shape]

  fileprivate init(_ x: Tensor, _ axis: Int, _ shapes: [Shape]) {
    (self.axis, self.shapes) = (axis, shapes)
    super.init(x)
  }

  override var outputCount: Int { shapes.count }
  override func outputShape(at index: Int) -> Shape { shapes[index] }

  /// A pass hands a node of one output its gradient alone: the whole tensor may be one part.
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    try apply(all: [gradient], &sink)
  }

  /// The gradients of all parts: zeros for those that none reached.
  fileprivate func completed(_ gradients: [Tensor?]) throws(TensorError) -> [Tensor] {
    var complete: [Tensor] = []
    complete.reserveCapacity(gradients.count)
    for (index, gradient) in gradients.enumerated() {
      if let gradient {
        complete.append(gradient)
      } else {
        complete.append(
          try Tensor.filled(shapes[index], .integer(0), dtype: outputDType, "split_backward"))
      }
    }
    return complete
  }
}

final class SplitBackward: PartsBackward, @unchecked Sendable {
  private let ownName: String

  fileprivate init(_ x: Tensor, _ axis: Int, _ shapes: [Shape], _ name: String) {
    ownName = name
    super.init(x, axis, shapes)
  }

  override var name: String { ownName }

  override func apply(
    all gradients: [Tensor?], _ sink: inout GradientSink
  ) throws(TensorError) {
    if sink.wants(0) { sink[0] = try Tensor.cat(completed(gradients), dim: axis) }
  }
}

final class UnbindBackward: PartsBackward, @unchecked Sendable {
  override func apply(
    all gradients: [Tensor?], _ sink: inout GradientSink
  ) throws(TensorError) {
    if sink.wants(0) { sink[0] = try Tensor.stack(completed(gradients), dim: axis) }
  }
}
