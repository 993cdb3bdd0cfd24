import TributaryParallel

extension GraphTask {
  /// Where a pass begins.
  struct Root {
    let edge: Edge
    /// What goes backward from here, until it lies in its slot.
    var seed: Tensor?
    /// The place of the edge's node in postorder, once that was walked.
    var node: Int32 = 0
    /// Where the seed lies, once the pass has its ports.
    var port: Int32 = 0
    var slot: Int32 = 0
  }

  /// A node of the pass.
  struct NodeRecord {
    let node: Unmanaged<Node>
    let firstEdge: Int32
    let edgeCount: Int32
    let outputCount: Int32
    /// Estimated nanoseconds.
    var cost: Float
    /// The longest way from here to an end of the graph, in estimated nanoseconds, this node's own among them.
    var path: Float
    /// The first of its ports.
    var firstPort: Int32 = 0
    /// Which leaf this accumulator is, in serial order; -1 for other nodes.
    var leaf: Int32
    /// In which branch it was recorded.
    let place: BranchPlace
    /// Whether its gradient is asked for, or is on the way to one that is; others are passed by.
    var isNeeded = true
    /// Whether its rule runs: not where its own gradient is all that is asked for.
    var runs = true
  }

  /// Where the gradient of an input goes: `port` of the receiver `node`, into `slot` of it.
  struct EdgeRecord {
    /// The receiver's serial position, in the discovery its place in postorder; -1 where the input requires no
    /// gradient.
    var node: Int32
    /// In the discovery the output of the receiver, then the port.
    var port: Int32
    var slot: Int32 = 0
  }

  /// What arrives at one output of a node: a single contribution, or a fold of several.
  struct Port {
    var slotCount: Int32 = 0
    /// Which of the asked-for gradients this is; -1 for none.
    var capture: Int32 = -1
    var single: Tensor?
    var fold: GradientFold?
  }

  struct LeafResult {
    let node: Unmanaged<AccumulateGrad>
    var gradient = KeptGradient.none
  }

  /// The nodes' records by serial position, which is postorder reversed.
  struct SerialNodes {
    private let last: UnsafeMutablePointer<NodeRecord>

    init(postorder: UnsafeMutablePointer<NodeRecord>, count: Int) {
      last = postorder + (count - 1)
    }

    @inline(__always)
    subscript(position: Int) -> NodeRecord {
      // SAFETY: positions are 0 ..< count of the task that has the records.
      get { last[-position] }
      nonmutating set { last[-position] = newValue }
    }
  }
}
