extension Tensor {
  /// Differentiates this tensor with respect to the leaves that it was made from, and adds the results to
  /// their ``grad``.
  ///
  /// - Parameters:
  ///   - gradient: the gradient of some outer function with respect to this tensor, of its shape and dtype;
  ///     nil (ones) only where this tensor has one element.
  ///   - retainGraph: keep the graph for another pass; otherwise its saved tensors are released as the
  ///     pass goes. Nil: as `createGraph`.
  ///   - createGraph: record the pass, so that the gradients can be differentiated again.
  ///
  /// Independent branches of the graph run at the same time, and the result has the same bits for every
  /// number of threads. Rules and hooks therefore run on any thread of the engine, those of different operations
  /// at the same time. They see the caller's modes and generator (``noGrad(_:)``,
  /// ``Generator/with(_:_:)``), but not task-local values of the program's own.
  ///
  /// Throws a ``TensorError``, by kind:
  /// - `autograd`: this tensor requires no gradient, or `gradient` is nil and it has not one element; the
  ///   graph was used before and not retained, or a tensor that it saved was changed in place since;
  /// - `shapeMismatch`, `dtypeMismatch`: `gradient`, or what a hook returned, has not the shape and dtype due;
  /// - `outOfMemory`, `cancelled`, `forked`; `underlying` for what a hook throws that is no ``TensorError``.
  ///
  /// Of several errors the one thrown is that of serial order. On an error every ``grad``, retained ones too, is as
  /// it was before, but for leaves with a hook of ``registerPostAccumulateGradHook(_:)``, which are committed as
  /// they come; a graph that was not retained is then spent.
  ///
  /// The cost is each reachable operation's own backward (one to three times its forward, as a rule), and some
  /// hundred nanoseconds for each; a pass of little work stays on the calling thread. The memory is the
  /// gradients under way; saved tensors go as soon as their operation has run.
  public func backward(
    gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false
  ) throws(TensorError) {
    let settings = PassSettings(retainGraph: retainGraph, createGraph: createGraph)
    let root = try checkedRoot(0, gradient)
    try BackwardEngine.run(GraphTask(roots: [root], options: settings))
  }

  /// One pass from several roots, deterministic as every pass: the way for micro-batches.
  ///
  /// Equal to differentiating the sum of the roots, each weighted by its gradient. Errors and cost are as of
  /// ``backward(gradient:retainGraph:createGraph:)``; a root or gradient is named by its place, and `invalidArgument`
  /// says that there are not as many gradients as roots.
  public static func backward(
    _ roots: [Tensor], gradients: [Tensor?]? = nil, retainGraph: Bool? = nil,
    createGraph: Bool = false
  ) throws(TensorError) {
    let settings = PassSettings(retainGraph: retainGraph, createGraph: createGraph)
    try backward(roots, gradients: gradients, settings)
  }

  package static func backward(
    _ roots: [Tensor], gradients: [Tensor?]? = nil, _ settings: PassSettings
  ) throws(TensorError) {
    let roots = try checkedRoots(roots, gradients)
    if roots.isEmpty { return }
    try BackwardEngine.run(GraphTask(roots: roots, options: settings))
  }

  /// The gradients of `outputs` with respect to `inputs`; no ``grad`` is changed.
  ///
  /// - Parameters:
  ///   - inputs: tensors, leaves or not, that require a gradient. Operations that lead to none of them
  ///     are not run.
  ///   - gradients: as in ``backward(_:gradients:retainGraph:createGraph:)``.
  ///   - allowUnused: give nil for an input that no output depends on; otherwise that is an error.
  /// - Returns: a gradient for each input, of its shape and dtype, with the bits that `backward` would give.
  ///
  /// Throws as ``backward(gradient:retainGraph:createGraph:)`` does, and with kind `autograd` where an input
  /// requires no gradient or, unless `allowUnused`, no output depends on it. The cost is that of the backward of
  /// the operations between the inputs and the outputs; the rest of the graph is walked, not run.
  public static func grad(
    of outputs: [Tensor], withRespectTo inputs: [Tensor], gradients: [Tensor?]? = nil,
    retainGraph: Bool? = nil, createGraph: Bool = false, allowUnused: Bool = false
  ) throws(TensorError) -> [Tensor?] {
    let settings = PassSettings(retainGraph: retainGraph, createGraph: createGraph)
    return try grad(
      of: outputs, withRespectTo: inputs, gradients: gradients, allowUnused: allowUnused, settings)
  }

  package static func grad(
    of outputs: [Tensor], withRespectTo inputs: [Tensor], gradients: [Tensor?]? = nil,
    allowUnused: Bool = false, _ settings: PassSettings
  ) throws(TensorError) -> [Tensor?] {
    var settings = settings
    settings.accumulates = false
    let roots = try checkedRoots(outputs, gradients)
    var wanted: [Edge] = []
    // An input that is asked for twice is captured once.
    var places: [Int] = []
    places.reserveCapacity(inputs.count)
    var known: [Edge: Int] = [:]
    for input in inputs {
      guard let edge = input.gradientEdge else {
        throw TensorError(
          .autograd, "grad", shapes: [input.shape], "an input does not require a gradient")
      }
      let place = known[edge] ?? wanted.count
      places.append(place)
      if place == wanted.count {
        wanted.append(edge)
        known[edge] = place
      }
    }
    if inputs.isEmpty { return [] }
    let task = try GraphTask(roots: roots, capturing: wanted, options: settings)
    try BackwardEngine.run(task)
    let results = places.map { task.captured[$0] }
    if !allowUnused, let unused = results.firstIndex(where: { $0 == nil }) {
      throw TensorError(
        .autograd, "grad", shapes: [inputs[unused].shape],
        "no output depends on input \(unused); pass allowUnused: true to get nil for it")
    }
    return results
  }

  /// Where a pass begins, each root checked.
  static func checkedRoots(
    _ roots: [Tensor], _ gradients: [Tensor?]?
  ) throws(TensorError) -> [GraphTask.Root] {
    if let gradients, gradients.count != roots.count {
      throw TensorError(
        .invalidArgument, "backward",
        "\(gradients.count) gradients were given for \(roots.count) roots; give one for each, or nil"
      )
    }
    var checked: [GraphTask.Root] = []
    checked.reserveCapacity(roots.count)
    for (index, root) in roots.enumerated() {
      checked.append(try root.checkedRoot(index, gradients?[index]))
    }
    return checked
  }

  /// This tensor, the `index`th of the roots, as one.
  private func checkedRoot(
    _ index: Int, _ gradient: Tensor?
  ) throws(TensorError) -> GraphTask.Root {
    guard let edge = gradientEdge else {
      throw TensorError(
        .autograd, "backward", shapes: [shape],
        "root \(index) does not require a gradient: no leaf that it was made from does, or it was "
          + "computed inside noGrad")
    }
    return .init(edge: consume edge, seed: try Tensor.seed(of: self, gradient))
  }

  private static func seed(of root: Tensor, _ gradient: Tensor?) throws(TensorError) -> Tensor {
    guard let gradient else {
      guard root.count == 1 else {
        throw TensorError(
          .autograd, "backward", shapes: [root.shape],
          "a gradient is made up only for a root of one element; pass gradient:, of the root's shape"
        )
      }
      return try Tensor.full(root.shape, 1, dtype: root.dtype)
    }
    guard gradient.shape == root.shape else {
      throw TensorError(
        .shapeMismatch, "backward", shapes: [root.shape, gradient.shape],
        "the gradient must have the root's shape")
    }
    guard gradient.dtype == root.dtype else {
      throw TensorError(
        .dtypeMismatch, "backward", dtypes: [root.dtype, gradient.dtype],
        "the gradient must have the root's dtype")
    }
    return gradient
  }
}
