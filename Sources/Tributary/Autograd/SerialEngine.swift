/// The plain engine: one node after another, in serial order, sums formed when a node is reached.
///
/// The oracle for the parallel one in tests: the same contract, by other means. It walks with sets instead
/// of words by number, keeps contributions in dictionaries instead of slots, and folds nothing early.
package enum SerialEngine {
  /// As ``Tensor/backward(_:gradients:retainGraph:createGraph:)``.
  package static func backward(
    _ roots: [Tensor], gradients: [Tensor?]? = nil, retainGraph: Bool = false
  ) throws(TensorError) {
    let roots = try Tensor.checkedRoots(roots, gradients)
    // By node, by output: the contributions in serial order of their producers.
    var arrived: [ObjectIdentifier: [Int: [Tensor?]]] = [:]
    for root in roots {
      arrived[ObjectIdentifier(root.edge.node), default: [:]][
        Int(root.edge.outputIndex), default: []
      ].append(root.seed)
    }
    var leaves: [(holder: GradientHolder, gradient: Tensor)] = []
    try noGrad { () throws(TensorError) in
      for node in serialOrder(roots.map(\.edge)) {
        let ports = arrived.removeValue(forKey: ObjectIdentifier(node)) ?? [:]
        let gradients = try (0..<node.outputCount).map { (output) throws(TensorError) in
          let gradient = try hooked(node, output, sum(ports[output] ?? []))
          if let gradient {
            for entry in node.hooks?.lists.retained ?? [] where Int(entry.output) == output {
              leaves.append((entry.holder, gradient))
            }
          }
          return gradient
        }
        var sink = GradientSink(node)
        if gradients.contains(where: { $0 != nil }) {
          if let leaf = node as? AccumulateGrad, let gradient = gradients[0] {
            leaves.append((leaf.holder, gradient))
          }
          try node.apply(all: gradients, &sink)
          try node.hooks?.runNodeHooks(node, &sink)
          if !retainGraph { node.releaseSaved() }
        }
        for input in 0..<Int(node.edgeCount) {
          guard let next = node.edgeNode(input) else { continue }
          arrived[ObjectIdentifier(next), default: [:]][Int(node.edgeOutput(input)), default: []]
            .append(sink[input])
        }
      }
      let own = try leaves.map { (leaf) throws(TensorError) in
        try leaf.gradient.denseCopy("backward")
      }
      for (leaf, gradient) in zip(leaves, own) { leaf.holder.accumulate(gradient) }
    }
  }

  /// The gradient of one output as the hooks on it leave it.
  private static func hooked(
    _ node: Node, _ output: Int, _ gradient: Tensor?
  ) throws(TensorError) -> Tensor? {
    guard var gradient, let hooks = node.hooks else { return gradient }
    for hook in hooks.lists.output where Int(hook.output) == output {
      gradient = try hooks.runOutputHook(hook.run, on: gradient) ?? gradient
    }
    return gradient
  }

  /// Reverse postorder of a depth-first walk: roots in their order, edges in input order.
  private static func serialOrder(_ roots: [Edge]) -> [Node] {
    var seen: Set<ObjectIdentifier> = []
    var postorder: [Node] = []
    var stack: [(node: Node, next: Int)] = []
    for root in roots where seen.insert(ObjectIdentifier(root.node)).inserted {
      stack.append((root.node, 0))
      while let (node, next) = stack.popLast() {
        guard next < Int(node.edgeCount) else {
          postorder.append(node)
          continue
        }
        stack.append((node, next + 1))
        if let child = node.edgeNode(next), seen.insert(ObjectIdentifier(child)).inserted {
          stack.append((child, 0))
        }
      }
    }
    return postorder.reversed()
  }

  /// Up to 16 left to right; more by runs of 16, whose sums are summed likewise.
  private static func sum(_ contributions: [Tensor?]) throws(TensorError) -> Tensor? {
    var sums = contributions
    repeat {
      var runs: [Tensor?] = []
      for start in stride(from: 0, to: sums.count, by: 16) {
        var run: Tensor?
        for next in sums[start..<min(start + 16, sums.count)] { run = try joined(run, next) }
        runs.append(run)
      }
      sums = runs
    } while sums.count > 1
    return sums.first ?? nil
  }

  private static func joined(_ a: Tensor?, _ b: Tensor?) throws(TensorError) -> Tensor? {
    guard let a, let b else { return a ?? b }
    return try a.add(b)
  }
}
