import CTributaryShims
import TributaryParallel

extension GraphTask {
  /// Runs the node at `position`, and puts its results into their slots.
  ///
  /// Calls `report` with a receiver's position for each contribution to it that has become part of its sum.
  @inline(__always)
  func step(_ position: Int, report: (Int) -> Void) throws(TensorError) {
    let record = nodes[position]
    guard record.isNeeded else { return pass(by: position, report) }
    // SAFETY: the pass holds its roots, and a node the nodes of its edges, which never change.
    try record.node.borrowed { (node) throws(TensorError) in
      try step(position, record, node, report)
    }
  }

  @inline(__always)
  private func step(
    _ position: Int, _ record: NodeRecord, _ node: Node, _ report: (Int) -> Void
  ) throws(TensorError) {
    if node.outputCount == 1 {
      let port = Int(record.firstPort)
      guard let gradient = try arrived(at: port, of: node, output: 0) else {
        return pass(by: position, report)
      }
      if record.leaf >= 0 {
        try finish(leaf: Int(record.leaf), gradient)
      } else if !record.runs {
        pass(by: position, report)
      } else {
        let hooks = node.hooks
        var sink = GradientSink(
          node, wanted: wantedInputs(position), takesProducts: hooks?.lists.node.isEmpty ?? true)
        try node.apply(gradient, &sink)
        try finish(node, hooks, &sink)
        try deliver(position, &sink, report)
      }
    } else {
      try stepWithSeveralOutputs(position, node, report)
    }
  }

  private func stepWithSeveralOutputs(
    _ position: Int, _ node: Node, _ report: (Int) -> Void
  ) throws(TensorError) {
    var gradients: [Tensor?] = []
    for (output, port) in portRange(position).enumerated() {
      gradients.append(try arrived(at: port, of: node, output: output))
    }
    guard nodes[position].runs, gradients.contains(where: { $0 != nil }) else {
      return pass(by: position, report)
    }
    var sink = GradientSink(node, wanted: wantedInputs(position))
    try node.apply(all: gradients, &sink)
    try finish(node, node.hooks, &sink)
    try deliver(position, &sink, report)
  }

  /// The sum of the contributions to one output, as hooks leave it.
  @inline(__always)
  private func arrived(at port: Int, of node: Node, output: Int) throws(TensorError) -> Tensor? {
    var gradient = ports[port].single.take()
    if let fold = ports[port].fold { gradient = try fold.take() }
    if gradient == nil { return nil }
    if let hooks = node.hooks, let sum = gradient {
      gradient = try runHooks(hooks, on: sum, of: node, output: output)
    }
    let capture = ports[port].capture
    if capture >= 0 { captured[Int(capture)] = gradient }
    return gradient
  }

  private func runHooks(
    _ hooks: NodeHooks, on gradient: Tensor, of node: Node, output: Int
  ) throws(TensorError) -> Tensor {
    var gradient = gradient
    for hook in hooks.lists.output where hook.output == Int32(output) {
      guard let replaced = try hooks.runOutputHook(hook.run, on: gradient) else { continue }
      guard replaced.shape == gradient.shape, replaced.dtype == gradient.dtype else {
        throw TensorError(
          .shapeMismatch, operation: node.name, shapes: [gradient.shape, replaced.shape],
          "a hook must return a gradient of the shape and dtype that it was given")
      }
      gradient = replaced
    }
    if options.accumulates {
      for entry in hooks.lists.retained where entry.output == Int32(output) {
        retain(gradient, in: entry.holder)
      }
    }
    return gradient
  }

  /// What follows a node's `apply`: its own hooks, and the release of what it saved.
  @inline(__always)
  private func finish(
    _ node: Node, _ hooks: NodeHooks?, _ sink: inout GradientSink
  ) throws(TensorError) {
    if let hooks, !hooks.lists.node.isEmpty { try hooks.runNodeHooks(node, &sink) }
    if !options.retainGraph { node.releaseSaved() }
  }

  private func finish(leaf: Int, _ gradient: consuming Tensor) throws(TensorError) {
    guard options.accumulates else { return }
    let (shape, dtype, hooks) = leaves[leaf].node._withUnsafeGuaranteedRef {
      ($0.outputShape, $0.outputDType, $0.hooks)
    }
    guard gradient.shape == shape, gradient.dtype == dtype else {
      throw TensorError(
        .shapeMismatch, "backward", shapes: [shape, gradient.shape],
        dtypes: [dtype, gradient.dtype],
        "the gradient that reached a leaf does not have the leaf's shape and dtype; "
          + "the backward of the operation that made it is wrong")
    }
    // Where it is created as a graph its history is part of it. And whoever read the tensor before gave up its reference
    // since, which the thread sanitizer does not take for an order (see `GradientSum.join`): there it waits for the commit.
    leaves[leaf].gradient =
      options.createGraph || tri_is_thread_sanitized ? .tensor(gradient) : KeptGradient(gradient)
    if case .tensor = leaves[leaf].gradient { hasSharedSums.store(true, ordering: .relaxed) }
    if let hooks, !hooks.lists.postAccumulate.isEmpty {
      try commit(leaf: leaf)
      try hooks.runPostAccumulate()
    }
  }

  /// Bit i: input i leads to something asked for.
  @inline(__always)
  private func wantedInputs(_ position: Int) -> UInt64 {
    if captureCount == 0 { return .max }
    var mask: UInt64 = 0
    for (index, edge) in edgeRange(position).prefix(64).enumerated() {
      let receiver = Int(edges[edge].node)
      if receiver >= 0, nodes[receiver].isNeeded { mask |= 1 << UInt64(index) }
    }
    return mask
  }

  /// Puts the results into their slots.
  ///
  /// All products are formed before anything is reported: a factor may be what an input was, and a receiver that is
  /// complete may run hooks which change it. What throws has reported nothing.
  @inline(__always)
  private func deliver(
    _ position: Int, _ sink: inout GradientSink, _ report: (Int) -> Void
  ) throws(TensorError) {
    let folded = sink.hasProducts ? try form(position, &sink) : [-1, -1]
    for (index, edge) in edgeRange(position).enumerated() {
      let own = index < 2 ? folded[index] : -1
      if own < 0 {
        deliver(sink.take(index), along: edge, report)
      } else {
        for _ in 0..<own { report(Int(edges[edge].node)) }
      }
    }
  }

  /// Forms what the node has left unformed, in the sums where it is their turn: of inputs 0 and 1, how many contributions
  /// that has folded, to be reported; -1 where the gradient is in the sink.
  @inline(never)
  private func form(
    _ position: Int, _ sink: inout GradientSink
  ) throws(TensorError) -> SIMD2<Int> {
    var folded: SIMD2 = [-1, -1]
    for (index, place) in edgeRange(position).prefix(2).enumerated() {
      guard let product = sink.takeProduct(index) else { continue }
      let edge = edges[place]
      if edge.node >= 0, let fold = ports[Int(edge.port)].fold,
        let inSum = try fold.form(product, at: Int(edge.slot))
      {
        folded[index] = inSum
      } else {
        sink[index] = try product.formed()
      }
    }
    return folded
  }

  /// Reports a node that gets or leads to nothing as having given nothing.
  private func pass(by position: Int, _ report: (Int) -> Void) {
    for port in portRange(position) { ports[port].single = nil }
    for edge in edgeRange(position) { deliver(nil, along: edge, report) }
  }

  @inline(__always)
  private func deliver(
    _ value: consuming Tensor?, along index: Int, _ report: (Int) -> Void
  ) {
    let edge = edges[index]
    guard edge.node >= 0 else { return }
    let port = ports + Int(edge.port)
    if let fold = port.pointee.fold {
      let given = value
      let folded = LoopLog.fold(along: index) { fold.deposit(given, at: Int(edge.slot)) }
      for _ in 0..<folded { report(Int(edge.node)) }
    } else {
      port.pointee.single = value
      report(Int(edge.node))
    }
  }
}
