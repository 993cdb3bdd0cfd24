import Synchronization
import TributaryParallel

/// Everything that one backward pass changes, in flat arrays by serial position; see ENGINE.md.
///
/// Built by the caller's thread before the pass runs. While it runs, an element of an array has one owner
/// at a time: a single slot belongs to the producer until it reports, then to the receiver; a fold looks
/// after itself (``GradientFold``); a leaf's result is written by the worker that runs its accumulator.
/// The scheduler's counts (acquire-release) hand ownership over. Hence `@unchecked Sendable`.
package final class GraphTask: @unchecked Sendable {
  struct NodeRecord {
    let node: Unmanaged<Node>
    let firstEdge: Int32
    let edgeCount: Int32
    let firstPort: Int32
    let outputCount: Int32
    /// Which leaf this accumulator is, in serial order; -1 for other nodes.
    let leaf: Int32
    /// Whether its gradient is asked for, or is on the way to one that is; others are passed by.
    var isNeeded = true
    /// Estimated nanoseconds.
    let cost: Float
    /// Whether its rule runs: not where its own gradient is all that is asked for.
    var runs = true
  }

  /// Where the gradient of an input goes: `port` of the receiver `node`, into `slot` of it.
  struct EdgeRecord {
    /// Serial position; -1 where the input requires no gradient.
    let node: Int32
    let port: Int32
    var slot: Int32 = 0
  }

  /// What arrives at one output of a node: a single contribution, or a fold of several.
  struct Port {
    var slotCount: Int32 = 0
    var single: Tensor?
    var fold: GradientFold?
    /// Which of the asked-for gradients this is; -1 for none.
    var capture: Int32 = -1
  }

  let options: PassSettings
  private let rootEdges: [Edge]
  private var rootSlots: [Int32] = []
  let discovery: GraphDiscovery
  let count: Int
  let nodes: UnsafeMutablePointer<NodeRecord>
  let edges: UnsafeMutablePointer<EdgeRecord>
  let ports: UnsafeMutablePointer<Port>
  private let portCount: Int
  let leaves: UnsafeMutablePointer<LeafResult>
  let leafCount: Int
  /// The gradients that `Tensor.grad(of:withRespectTo:)` asked for.
  let captured: UnsafeMutablePointer<Tensor?>
  let captureCount: Int
  /// Retained gradients, stored when the pass has succeeded.
  private(set) var retained: [(holder: GradientHolder, gradient: Tensor)] = []
  /// Protects `retained` while the pass runs.
  private let retainedLock = SpinLock()
  /// Sum of the nodes' estimates.
  let nanoseconds: Float

  struct LeafResult {
    let node: Unmanaged<AccumulateGrad>
    var gradient: Tensor?
  }

  init(roots: [Edge], capturing inputs: [Edge] = [], options: PassSettings) {
    self.options = options
    rootEdges = roots
    discovery = GraphDiscovery(roots: roots)
    count = discovery.found.count
    nodes = .allocate(capacity: count)
    (portCount, leafCount, nanoseconds) = Self.number(discovery.found, into: nodes)
    edges = .allocate(capacity: discovery.edges.count)
    ports = .allocate(capacity: portCount)
    ports.initialize(repeating: Port(), count: portCount)
    leaves = .allocate(capacity: leafCount)
    captureCount = inputs.count
    captured = .allocate(capacity: inputs.count)
    captured.initialize(repeating: nil, count: inputs.count)
    connect()
    if !inputs.isEmpty { markNeeded(inputs) }
  }

  deinit {
    captured.deinitialize(count: captureCount)
    captured.deallocate()
    discovery.release()
    nodes.deallocate()
    edges.deallocate()
    ports.deinitialize(count: portCount)
    ports.deallocate()
    leaves.deinitialize(count: leafCount)
    leaves.deallocate()
  }

  /// Fills the records in serial order; returns how many ports and leaves there are, and the cost.
  private static func number(
    _ found: [GraphDiscovery.Found], into nodes: UnsafeMutablePointer<NodeRecord>
  ) -> (ports: Int, leaves: Int, nanoseconds: Float) {
    var (ports, leaves): (Int32, Int32) = (0, 0)
    var nanoseconds: Float = 0
    for (position, entry) in found.reversed().enumerated() {
      (nodes + position).initialize(
        to: NodeRecord(
          node: entry.node, firstEdge: entry.firstEdge, edgeCount: entry.edgeCount,
          firstPort: ports, outputCount: entry.outputCount, leaf: entry.isLeaf ? leaves : -1,
          cost: entry.cost))
      ports += entry.outputCount
      leaves += entry.isLeaf ? 1 : 0
      nanoseconds += entry.cost
    }
    return (Int(ports), Int(leaves), nanoseconds)
  }

  /// Gives every contribution its slot: the roots' seeds first, then the producers' in serial order.
  private func connect() {
    for root in rootEdges {
      let port = port(of: root)
      rootSlots.append(ports[port].slotCount)
      ports[port].slotCount += 1
    }
    for position in 0..<count {
      let record = nodes[position]
      for index in edgeRange(position) {
        let found = discovery.edges[index]
        guard found.number >= 0 else {
          (edges + index).initialize(to: EdgeRecord(node: -1, port: -1))
          continue
        }
        let target = count - 1 - Int(found.number)
        let port = nodes[target].firstPort + found.output
        (edges + index).initialize(
          to: EdgeRecord(node: Int32(target), port: port, slot: ports[Int(port)].slotCount))
        ports[Int(port)].slotCount += 1
      }
      if record.leaf >= 0 {
        // SAFETY: the walk has found this node to be an accumulator.
        let node = record.node._withUnsafeGuaranteedRef {
          Unmanaged.passUnretained(unsafeDowncast($0, to: AccumulateGrad.self))
        }
        (leaves + Int(record.leaf)).initialize(to: LeafResult(node: node, gradient: nil))
      }
    }
    for port in 0..<portCount where ports[port].slotCount > 1 {
      ports[port].fold = GradientFold(
        slotCount: Int(ports[port].slotCount), inArrivalOrder: options.sumsInArrivalOrder)
    }
  }

  /// Marks what is asked for, and the nodes that lead there.
  private func markNeeded(_ inputs: [Edge]) {
    for position in 0..<count {
      nodes[position].isNeeded = false
      nodes[position].runs = false
    }
    for (index, input) in inputs.enumerated() {
      guard let position = discovery.serialPosition(of: .passUnretained(input.node)) else {
        continue
      }
      ports[Int(nodes[position].firstPort) + Int(input.outputIndex)].capture = Int32(index)
      nodes[position].isNeeded = true
    }
    for position in stride(from: count - 1, through: 0, by: -1) {
      let leads = edgeRange(position).contains {
        edges[$0].node >= 0 && nodes[Int(edges[$0].node)].isNeeded
      }
      guard leads else { continue }
      nodes[position].isNeeded = true
      nodes[position].runs = true
    }
  }

  @inline(__always)
  func edgeRange(_ position: Int) -> Range<Int> {
    let first = Int(nodes[position].firstEdge)
    return first..<first + Int(nodes[position].edgeCount)
  }

  @inline(__always)
  func portRange(_ position: Int) -> Range<Int> {
    let first = Int(nodes[position].firstPort)
    return first..<first + Int(nodes[position].outputCount)
  }

  /// The port where `edge` ends. The node must be one that the roots reach.
  func port(of edge: Edge) -> Int {
    let position = discovery.serialPosition(of: .passUnretained(edge.node)) ?? 0
    return Int(nodes[position].firstPort) + Int(edge.outputIndex)
  }

  /// Puts the seeds into the first slots. Before the pass runs: they count towards no dependency.
  func seed(_ gradients: [Tensor]) {
    for (index, root) in rootEdges.enumerated() {
      let port = ports + port(of: root)
      if let fold = port.pointee.fold {
        _ = fold.deposit(gradients[index], at: Int(rootSlots[index]))
      } else {
        port.pointee.single = gradients[index]
      }
    }
  }

  /// Releases what every node of the pass has saved.
  func releaseAllSaved() {
    for position in 0..<count {
      nodes[position].node._withUnsafeGuaranteedRef { $0.releaseSaved() }
    }
  }

  func retain(_ gradient: Tensor, in holder: GradientHolder) {
    retainedLock.lock()
    retained.append((holder, gradient))
    retainedLock.unlock()
  }
}
