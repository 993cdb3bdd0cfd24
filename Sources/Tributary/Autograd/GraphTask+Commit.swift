import CTributaryShims

/// The end of a pass: what it found goes into `.grad`, all or nothing.
///
/// Two steps, each over several leaves at a time. First all that can fail: each leaf's sum gets memory of its own, which
/// most have; and, where a graph is created, the additions to the old gradients are recorded. Then stores that cannot
/// fail. The old gradient is read under the leaf's lock, so that concurrent passes lose no update.
extension GraphTask {
  func commit() throws(TensorError) {
    let kept = retained
    if options.createGraph {
      try commitRecorded(kept)
      return
    }
    var own: [Tensor] = []
    own.reserveCapacity(kept.count)
    if hasSharedSums.load(ordering: .relaxed) {
      try ManyAtOnce.run(count: leafCount) { (range) throws(TensorError) in
        for index in range { try makeOwn(leaf(index)) }
      }
    }
    for entry in kept { own.append(try entry.gradient.denseCopy("backward")) }
    ManyAtOnce.run(count: leafCount) { range in
      for index in range {
        fetchAhead(index, in: range)
        store(leaf(index))
      }
    }
    for (entry, gradient) in zip(kept, own) { entry.holder.accumulate(gradient) }
  }

  /// The leaves from the last in serial order on: that of the first branch then comes first, and its part goes to the
  /// worker that has recorded it, gone back through it and will update it.
  @inline(__always)
  private func leaf(_ index: Int) -> Int { leafCount - 1 - index }

  /// Asks for what a later leaf's turn will read: many leaves lie in other cores' caches, and each turn counts
  /// references, which lets no load pass.
  @inline(__always)
  private func fetchAhead(_ index: Int, in range: Range<Int>) {
    let later = index + 4
    // Only of the own range: others change theirs meanwhile.
    guard later < range.upperBound else { return }
    let node = leaves[leaf(later)].node
    tri_prefetch(node._withUnsafeGuaranteedRef { Unmanaged.passUnretained($0.holder).toOpaque() })
  }

  /// Commits one leaf before the others, for its post-accumulate hook.
  func commit(leaf: Int) throws(TensorError) {
    if options.createGraph {
      let holder = leaves[leaf].node.takeUnretainedValue().holder
      try GradientHolder.accumulateRecorded([(holder, sum(of: leaf))])
      leaves[leaf].gradient = .none
    } else {
      try makeOwn(leaf)
      store(leaf)
    }
  }

  /// Gives the leaf's sum memory that no other tensor shares: its own, where this is the only reference to it by now, or a
  /// copy. Of two leaves with one sum the last keeps it, or both get copies where they come at once.
  private func makeOwn(_ leaf: Int) throws(TensorError) {
    leaves[leaf].gradient.settle()
    guard case .tensor(let shared) = leaves[leaf].gradient else { return }
    leaves[leaf].gradient = .memory(try shared.denseCopy("backward").buffer)
  }

  private func store(_ leaf: Int) {
    let sum = leaves[leaf].gradient.take()
    leaves[leaf].node._withUnsafeGuaranteedRef { node in
      switch consume sum {
      case .none: break
      case .memory(let memory):
        node.holder.accumulate(consume memory, node.outputShape, node.outputDType)
      // None is left after the first step.
      case .tensor(let tensor): node.holder.accumulate(tensor)
      }
    }
  }

  /// The sum of a pass that creates a graph.
  private func sum(of leaf: Int) -> Tensor? {
    if case .tensor(let sum) = leaves[leaf].gradient { sum } else { nil }
  }

  private func commitRecorded(
    _ kept: [(holder: GradientHolder, gradient: Tensor)]
  ) throws(TensorError) {
    var changes: [(GradientHolder, Tensor?)] = kept.map { ($0.holder, $0.gradient) }
    for leaf in 0..<leafCount {
      changes.append((leaves[leaf].node.takeUnretainedValue().holder, sum(of: leaf)))
    }
    try GradientHolder.accumulateRecorded(changes)
  }
}
