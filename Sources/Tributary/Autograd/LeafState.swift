import Synchronization

extension Tensor {
  /// Whether this tensor is an end of the graph: made by the user, or not recorded.
  public var isLeaf: Bool { node == nil }

  /// The operation that made this tensor, as a node of the graph; nil for leaves.
  public var gradFn: Node? { node }

  /// Asks for, or waives, the recording of operations on this leaf, and returns it.
  ///
  /// Throws where the dtype has no gradient, or where this is not a leaf (`detach()` gives one).
  @discardableResult
  public func requiresGrad_(_ requiresGrad: Bool = true) throws(TensorError) -> Tensor {
    guard isLeaf else {
      if requiresGrad { return self }
      throw TensorError(
        .autograd, "requiresGrad_", shapes: [shape],
        "only a leaf's requiresGrad can be changed; use detach() to get one without history")
    }
    guard dtype.isFloatingPoint || !requiresGrad else {
      throw TensorError(
        .dtypeMismatch, "requiresGrad_", dtypes: [dtype],
        "only floating-point tensors can require a gradient; convert with to(.float32) first")
    }
    if requiresGrad {
      if leaf == nil { leaf = AccumulateGrad(leaf: self) }
      // A leaf has no history to take from what it was a view of.
      base = nil
    }
    self.requiresGrad = requiresGrad
    return self
  }

  /// The gradient that backward passes have accumulated here; nil before the first.
  ///
  /// For a leaf that requires one, or a tensor that was asked to retain it (``retainGrad()``). Reading it on
  /// another tensor gives nil and a warning, once in the process (``onWarning``).
  public var grad: Tensor? {
    if let holder = leaf?.holder ?? retained { return holder.gradient(shape, dtype) }
    if node != nil { NonLeafGradWarning.give() }
    return nil
  }

  /// The elements of ``grad``, for reading. It costs less: most gradients are memory alone until somebody asks for a
  /// tensor.
  ///
  /// Throws where a gradient that is not dense finds no memory for a copy.
  package func denseGradient(_ operation: String) throws(TensorError) -> DenseGradient? {
    try (leaf?.holder ?? retained)?.dense(operation)
  }

  /// Replaces the gradient; nil clears it.
  ///
  /// Throws where it is of another shape or dtype, is this tensor itself, or where this tensor keeps no gradient.
  public func setGrad(_ gradient: Tensor?) throws(TensorError) {
    if let gradient {
      guard gradient.shape == shape else {
        throw TensorError(
          .shapeMismatch, "setGrad", shapes: [shape, gradient.shape],
          "a gradient has its tensor's shape; reshape or expand it first")
      }
      guard gradient.dtype == dtype else {
        throw TensorError(
          .dtypeMismatch, "setGrad", shapes: [shape], dtypes: [dtype, gradient.dtype],
          "a gradient has its tensor's dtype; convert it with to(_:) first")
      }
      // It would keep itself alive.
      guard gradient !== self else {
        throw TensorError(
          .invalidArgument, "setGrad", shapes: [shape],
          "a tensor cannot be its own gradient; give a clone() or detach() of it")
      }
    }
    if let holder = leaf?.holder ?? retained {
      holder.replace(by: gradient)
    } else if gradient != nil {
      throw TensorError(
        .autograd, "setGrad", shapes: [shape],
        "this tensor keeps no gradient; call requiresGrad_() or retainGrad() first")
    }
  }

  /// Asks that backward passes leave this tensor's gradient in ``grad`` though it is not a leaf.
  public func retainGrad() throws(TensorError) {
    guard requiresGrad else {
      throw TensorError(
        .autograd, "retainGrad", shapes: [shape], "this tensor does not require a gradient")
    }
    guard let node, retained == nil else { return }
    let holder = GradientHolder()
    retained = holder
    node.addRetained(outputIndex, holder)
  }
}

private enum NonLeafGradWarning {
  // Exchanged once; relaxed, for nothing else is published by it.
  private static let given = Atomic<Bool>(false)

  static func give() {
    if given.exchange(true, ordering: .relaxed) { return }
    onWarning(
      "the grad of a tensor that is not a leaf was read; it is kept only after retainGrad(). "
        + "Further reads of this kind are not reported")
  }
}
