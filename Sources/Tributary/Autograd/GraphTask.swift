import Synchronization
import TributaryParallel

/// Everything that one backward pass changes, in flat arrays by serial position; see ENGINE.md.
///
/// Built by the caller's thread before the pass runs. While it runs, an element of an array has one owner
/// at a time: a single slot belongs to the producer until it reports, then to the receiver; a fold looks
/// after itself (``GradientFold``); a leaf's result is written by the worker that runs its accumulator.
/// The scheduler's counts (acquire-release) hand ownership over. Hence `@unchecked Sendable`.
package final class GraphTask: @unchecked Sendable {
  let options: PassSettings
  // Changed by the caller's thread alone, before the pass runs: nothing for the run-time check to find.
  @exclusivity(unchecked) private var roots: [Root]
  private let nodeArray: PassArray<NodeRecord>
  private let edgeArray: PassArray<EdgeRecord>
  private let portArray: PassArray<Port>
  private let leafArray: PassArray<LeafResult>
  private let captureArray: PassArray<Tensor?>
  let count: Int
  /// The members of the arrays, as pointers.
  let nodes: SerialNodes
  let edges: UnsafeMutablePointer<EdgeRecord>
  let ports: UnsafeMutablePointer<Port>
  let leaves: UnsafeMutablePointer<LeafResult>
  var leafCount: Int { leafArray.count }
  /// The gradients that `Tensor.grad(of:withRespectTo:)` asked for.
  let captured: UnsafeMutablePointer<Tensor?>
  var captureCount: Int { captureArray.count }
  /// Retained gradients, stored when the pass has succeeded.
  private(set) var retained: [(holder: GradientHolder, gradient: Tensor)] = []
  /// Protects `retained` while the pass runs.
  private let retainedLock = SpinLock()
  /// Some leaf's sum is a tensor that others may see or that is not dense. Relaxed: read when the pass has ended.
  let hasSharedSums = Atomic<Bool>(false)
  /// Sum of the estimates of the nodes that run. It, their number and the longest of their paths are changed as `roots`
  /// is.
  @exclusivity(unchecked) private(set) var nanoseconds: Float
  @exclusivity(unchecked) private(set) var runCount: Int
  @exclusivity(unchecked) private(set) var longestPath: Float
  /// When the pass began, where a trace is being made; else 0.
  let begun = Trace.time

  init(
    roots: [Root], capturing inputs: [Edge] = [], options: PassSettings
  ) throws(TensorError) {
    self.options = options
    self.roots = roots
    var discovery = GraphDiscovery()
    try discovery.walk(from: &self.roots)
    nodeArray = discovery.nodes.take()
    edgeArray = discovery.edges.take()
    count = nodeArray.count
    nodes = SerialNodes(postorder: nodeArray.base, count: count)
    let sums = try Self.number(nodes, count: count)
    nanoseconds = sums.nanoseconds
    runCount = count
    longestPath = discovery.longest
    portArray = try PassArray(count: sums.ports)
    leafArray = try PassArray(count: sums.leaves)
    captureArray = try PassArray(count: inputs.count)
    edges = edgeArray.base
    ports = portArray.base
    ports.initialize(repeating: Port(), count: portArray.count)
    leaves = leafArray.base
    captured = captureArray.base
    captured.initialize(repeating: nil, count: captureArray.count)
    connect()
    if !inputs.isEmpty { markNeeded(inputs, &discovery) }
  }

  deinit {
    captured.deinitialize(count: captureArray.count)
    ports.deinitialize(count: portArray.count)
    leaves.deinitialize(count: leafArray.count)
  }

  /// Numbers ports and leaves in serial order; returns how many there are, and the cost.
  private static func number(
    _ nodes: SerialNodes, count: Int
  ) throws(TensorError) -> (ports: Int, leaves: Int, nanoseconds: Float) {
    var (ports, leaves): (Int32, Int32) = (0, 0)
    var nanoseconds: Float = 0
    for position in 0..<count {
      var record = nodes[position]
      record.firstPort = ports
      let (next, overflow) = ports.addingReportingOverflow(record.outputCount)
      if overflow {
        throw TensorError(
          .autograd, "backward",
          "the graph's nodes have more than \(Int32.max) outputs; cut it by detach()")
      }
      ports = next
      if record.leaf >= 0 {
        record.leaf = leaves
        leaves += 1
      }
      nodes[position] = record
      nanoseconds += record.cost
    }
    return (Int(ports), Int(leaves), nanoseconds)
  }

  /// Gives every contribution its slot: the roots' seeds first, then the producers' in serial order.
  private func connect() {
    for index in roots.indices {
      let position = count - 1 - Int(roots[index].node)
      let port = Int(nodes[position].firstPort + roots[index].edge.outputIndex)
      roots[index].port = Int32(port)
      roots[index].slot = ports[port].slotCount
      ports[port].slotCount += 1
    }
    for position in 0..<count {
      let record = nodes[position]
      for index in edgeRange(position) {
        let (number, output) = (edges[index].node, edges[index].port)
        guard number >= 0 else { continue }
        let target = count - 1 - Int(number)
        let port = nodes[target].firstPort + output
        edges[index] = EdgeRecord(
          node: Int32(target), port: port, slot: ports[Int(port)].slotCount)
        ports[Int(port)].slotCount += 1
      }
      if record.leaf >= 0 {
        // SAFETY: the walk has found this node to be an accumulator.
        let node = record.node._withUnsafeGuaranteedRef {
          Unmanaged.passUnretained(unsafeDowncast($0, to: AccumulateGrad.self))
        }
        (leaves + Int(record.leaf)).initialize(to: LeafResult(node: node))
      }
    }
    for port in 0..<portArray.count where ports[port].slotCount > 1 {
      ports[port].fold = GradientFold(
        slotCount: Int(ports[port].slotCount), inArrivalOrder: options.sumsInArrivalOrder)
    }
  }

  /// Marks what is asked for, and the nodes that lead there.
  private func markNeeded(_ inputs: [Edge], _ discovery: inout GraphDiscovery) {
    for position in 0..<count {
      nodes[position].isNeeded = false
      nodes[position].runs = false
    }
    for (index, input) in inputs.enumerated() {
      guard let number = discovery.number(of: input.node) else { continue }
      let position = count - 1 - Int(number)
      ports[Int(nodes[position].firstPort) + Int(input.outputIndex)].capture = Int32(index)
      nodes[position].isNeeded = true
    }
    (nanoseconds, runCount, longestPath) = (0, 0, 0)
    for position in stride(from: count - 1, through: 0, by: -1) {
      var record = nodes[position]
      var rest: Float = 0
      for edge in edgeRange(position) where edges[edge].node >= 0 {
        let target = nodes[Int(edges[edge].node)]
        guard target.isNeeded else { continue }
        record.runs = true
        rest = max(rest, target.path)
      }
      // Others are passed by.
      if record.runs { record.isNeeded = true } else { record.cost = 0 }
      record.path = rest + record.cost + BackwardEngine.overheadNanoseconds
      nodes[position] = record
      guard record.runs else { continue }
      nanoseconds += record.cost
      runCount += 1
      longestPath = max(longestPath, record.path)
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

  /// By position, what `value` gives of each node's record. The caller deallocates.
  @inline(__always)
  func column<T>(_ value: (NodeRecord) -> T) -> UnsafeMutablePointer<T> {
    let column = UnsafeMutablePointer<T>.allocate(capacity: max(count, 1))
    for position in 0..<count { (column + position).initialize(to: value(nodes[position])) }
    return column
  }

  /// Puts the seeds into the first slots. Before the pass runs: they count towards no dependency.
  func seed() {
    for index in roots.indices {
      let port = ports + Int(roots[index].port)
      let seed = roots[index].seed.take()
      if let fold = port.pointee.fold {
        _ = fold.deposit(seed, at: Int(roots[index].slot))
      } else {
        port.pointee.single = seed
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
