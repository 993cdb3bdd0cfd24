import Synchronization

// A view's place in the graph.
//
// A view shows the elements of its base, a tensor that is itself no view. A recorded change in place of the
// base, or of any of its views, gives the base a new history (``CopySlices``); what that means for all the
// other views they find out when they are next asked: each view keeps the version of the elements at which its
// own node was right, and where the version has moved on, and the base requires a gradient, the view takes a new
// node, ``AsStridedBackward``, from the base as it is now. Rejected: a list of its views in each base, for
// making a view would then write to memory that other threads write too.

extension Tensor {
  /// Whether operations on this tensor are recorded.
  public package(set) var requiresGrad: Bool {
    @inline(__always) get {
      if isView { refreshHistory() }
      return ownRequiresGrad
    }
    @inline(__always) set { ownRequiresGrad = newValue }
  }

  /// What made it, where that was recorded.
  package var node: Node? {
    @inline(__always) get {
      if isView { refreshHistory() }
      return ownNode
    }
    @inline(__always) set { ownNode = newValue }
  }

  /// Makes this fresh alias a view of `source`, before anyone else sees it.
  @inline(__always)
  package func becomeView(of source: Tensor) {
    base = source.base ?? source
    isUnrecordedView =
      source.isUnrecordedView || (source.requiresGrad && !AutogradMode.current.recordsGraph)
    // Relaxed: nobody else has this tensor yet.
    historyVersion.store(version, ordering: .relaxed)
  }

  /// Brings a view's node up to date with its base.
  @inline(__always)
  private func refreshHistory() {
    // Acquiring: whoever finds the version right also finds the node that was stored before it.
    if historyVersion.load(ordering: .acquiring) != version { takeHistoryFromBase() }
  }

  private func takeHistoryFromBase() {
    guard let base else { return }
    var old: Node?
    historyLock.lock()
    let current = version
    // Relaxed: under the lock.
    if historyVersion.load(ordering: .relaxed) != current {
      // No history can be given to a strided base in place, so that the node of its view is still right.
      if base.requiresGrad, base.layout.isContiguous, !isUnrecordedView, dtype.isFloatingPoint {
        old = ownNode
        let fresh = AsStridedBackward(base, geometry(in: base))
        fresh.outputShape = layout.shape
        fresh.outputDType = dtype
        fresh.cost = base.embeddingCost
        ownNode = fresh
        outputIndex = 0
        ownRequiresGrad = true
      }
      // Releasing: publishes the node.
      historyVersion.store(current, ordering: .releasing)
    }
    historyLock.unlock()
    // Outside the lock: this may free a graph.
    Teardown.release(&old)
  }

  /// Where this view's elements lie in those of its dense base.
  package func geometry(in base: Tensor) -> Layout {
    Layout(shape: layout.shape, strides: layout.strides, offset: layout.offset - base.layout.offset)
  }
}
