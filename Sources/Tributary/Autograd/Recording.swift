extension Tensor {
  /// Makes this result the output of `node`, which ``AutogradMode/records(_:)`` asked for.
  @inline(__always)
  package func record(_ node: consuming Node, cost: ElementwiseMap.Cost = .plain) {
    record(node, nanoseconds: Float(cost.nanoseconds) * Float(layout.count))
  }

  /// The same with the estimated time of the node's backward on one core.
  @inline(__always)
  package func record(_ node: consuming Node, nanoseconds: Float) {
    node.cost = nanoseconds
    node.outputShape = layout.shape
    node.outputDType = dtype
    Trace.ofOperations?.recorded(node)
    self.node = consume node
    requiresGrad = true
  }
}

extension Node {
  /// The shape of input `index`, which must lead somewhere.
  @inline(__always)
  package func inputShape(_ index: Int) -> Shape {
    edgeReference(index)?._withUnsafeGuaranteedRef {
      $0.outputShape(at: Int(edgeOutput(index)))
    } ?? Shape()
  }

  @inline(__always)
  package func inputDType(_ index: Int) -> DType {
    edgeReference(index)?._withUnsafeGuaranteedRef(\.outputDType) ?? .float32
  }

  /// A gradient of the broadcast, promoted result as one of input `index`: summed to its shape, cast to
  /// its dtype.
  @inline(__always)
  package func fitted(
    _ gradient: consuming Tensor, toInput index: Int
  ) throws(TensorError) -> Tensor {
    let (shape, dtype) = (inputShape(index), inputDType(index))
    if gradient.shape != shape { gradient = try gradient.sum(toShape: shape) }
    if gradient.dtype != dtype { gradient = try gradient.to(dtype) }
    return gradient
  }
}

extension Node {
  /// Makes results the outputs of this node, each by its place; nil: one that was not asked for. At least one is there.
  package func record(outputs: [Tensor?], nanoseconds: Float) {
    cost = nanoseconds
    outputShape = outputShape(at: 0)
    for (index, output) in outputs.enumerated() {
      guard let output else { continue }
      outputDType = output.dtype
      output.node = self
      output.outputIndex = Int32(index)
      output.requiresGrad = true
    }
    Trace.ofOperations?.recorded(self)
  }
}
