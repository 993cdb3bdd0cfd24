extension Tensor {
  /// A dense copy with memory of its own; the gradient passes through.
  public func clone() throws(TensorError) -> Tensor {
    let out = try denseCopy("clone")
    if AutogradMode.records(self) { out.record(CloneBackward(self), nanoseconds: 20) }
    return out
  }

  /// This tensor where its elements lie densely in row-major order, else a clone.
  public func contiguous() throws(TensorError) -> Tensor {
    layout.isContiguous ? self : try clone()
  }
}

final class CloneBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient }
  }
}
