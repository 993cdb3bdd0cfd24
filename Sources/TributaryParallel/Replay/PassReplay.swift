/// Runs a recorded pass in virtual time, as a team of any width on any topology would.
///
/// Which node who runs next is decided by the scheduler's own code, on its own queues (`PassPolicy`, `JobSlot`,
/// `NodeHeap`), and how loops are shared out by its own rule (`LoopRule`, `Topology.tiles`). What the replay adds is
/// time: how long each stretch takes beside the others that run (`PassReplay+Rates`), when a worker sees what was
/// posted, and what shared words cost. The rules of summoning and waiting are those of SCHEDULER.md.
///
/// Left out: `Thrift`, passes within passes, and everything random. A replay gives the same figures each time.
package final class PassReplay {
  let pass: RecordedPass
  let costs: ReplayCosts
  let width: Int
  let topology: Topology
  let graph: ReplayGraph
  /// Whether the team runs the nodes, and not worker 0 one after another.
  let isOnTeam: Bool
  /// What tracing costs each node.
  let perNode: Double

  let policy: PassPolicy
  private let slot: SlotPointer
  private let links: UnsafeMutablePointer<Int32>
  private let priorities: UnsafeMutablePointer<Float>
  let heap: NodeHeap

  var time = VirtualTime()
  var workers: [VirtualWorker]
  var loops: [VirtualLoop] = []
  /// Those that still have tiles, in the order in which they were opened.
  var openLoops: [Int] = []
  /// Nanoseconds of loops that were too small to summon anybody for.
  var smallWork = 0

  // By node: how many contributions are missing, who changed that count last, who made what arrived.
  var pending: [Int32]
  var counterToucher: [Int32]
  var makers: [Int32]
  /// By queue, who changed it last.
  var queueToucher: [Int32]
  var folds: ReplayFolds
  var done = 0
  /// When the pass was over for its opener.
  var end = 0.0
  var tally = Tally()
  var load: ReplayLoad

  /// Where the threads' time went, in nanoseconds.
  package struct Tally: Sendable, Equatable {
    /// As recorded, one thread alone.
    package var work = 0.0
    /// Slower than alone, beside others: memory, shared caches, busy cores.
    package var slowed = 0.0
    /// Reading what another core's cache or another NUMA node's memory held.
    package var moved = 0.0
    /// Queues, counts, claims and summons.
    package var scheduling = 0.0
    /// Without anything to do.
    package var idle = 0.0
  }

  package struct Outcome: Sendable, Equatable {
    /// From the first node's beginning until the opener goes on.
    package let nanoseconds: Double
    package let tally: Tally
  }

  /// - Parameters:
  ///   - pass: recorded on one thread; without a ``RecordedPass/flaw``.
  ///   - searching: whether the workers look for work as the pass begins, as they do for some hundred microseconds
  ///     after other work; nil: by how long discovery took.
  ///   - isTraced: as if the replayed pass were traced too.
  package init(
    _ pass: RecordedPass, costs: ReplayCosts, width: Int, topology: Topology? = nil,
    searching: Bool? = nil, isTraced: Bool = false
  ) {
    let width = min(max(1, width), WorkerTeam.largestWidth)
    let topology = topology ?? Topology(cores: width)
    (self.pass, self.costs, self.width, self.topology) = (pass, costs, width, topology)
    graph = ReplayGraph(pass, width: width)
    perNode = (isTraced ? 2 * costs.team.clock : 0)
    isOnTeam = width > 1 && pass.wantsTeam
    let nodeOfWorker = topology.spread(width)
    workers = nodeOfWorker.map { VirtualWorker(home: $0) }
    let queues = width + PassPolicy.homeQueues(topology.nodes.count)
    slot = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<JobSlot>.size, alignment: JobSlot.line
    ).bindMemory(to: JobSlot.self, capacity: 1)
    slot.initialize(to: JobSlot(nodes: topology.nodes.count, width: width))
    slot.makeQueues(count: queues)
    policy = PassPolicy(
      slot: slot, width: width, nodeOfWorker: nodeOfWorker,
      smallPriority: pass.smallPriority ?? PassOptions().smallPriority)
    let count = pass.count
    links = .allocate(capacity: 2 * count)
    links.initialize(repeating: -1, count: 2 * count)
    priorities = .allocate(capacity: count)
    priorities.initialize(from: pass.nodes.priority, count: count)
    heap = NodeHeap(
      child: links, sibling: links + count, priorities: UnsafePointer(priorities), frees: nil)
    pending = graph.dependencies
    counterToucher = [Int32](repeating: -1, count: count)
    makers = [Int32](repeating: -1, count: count)
    queueToucher = [Int32](repeating: -1, count: queues)
    folds = ReplayFolds(pass)
    load = ReplayLoad(homes: topology.nodes.count)
    let areThere = searching ?? (Double(pass.discovery) < costs.team.spin)
    for worker in 1..<max(width, 1) where areThere { beginSearching(worker) }
  }

  deinit {
    links.deallocate()
    priorities.deallocate()
    slot.deinitialize(count: 1)
    slot.deallocate()
  }

  /// A replay that came to rest before it had run every node: what it took would be made up.
  package struct Unfinished: Error, CustomStringConvertible {
    package let done: Int
    package let count: Int

    package var description: String {
      "the replay ended after \(done) of \(count) nodes: the recorded edges do not fit each other"
    }
  }

  /// Replays the pass; called once.
  package func run() throws(Unfinished) -> Outcome {
    begin()
    while done < pass.count || !isOver(workers[0]), let event = time.next() { happen(event) }
    guard done == pass.count else { throw Unfinished(done: done, count: pass.count) }
    end = max(end, time.now)
    tally.idle = max(
      0,
      Double(width) * end - tally.work - tally.slowed - tally.moved - tally.scheduling)
    return Outcome(nanoseconds: end, tally: tally)
  }

  /// The opener has run or awaited everything.
  private func isOver(_ opener: VirtualWorker) -> Bool { opener.status != .working }

  private func happen(_ event: VirtualTime.Event) {
    let worker = event.worker
    switch event.kind {
    case .ends:
      if workers[worker].stretch == event.version { endStretch(worker) }
    case .looks:
      guard workers[worker].version == event.version else { return }
      workers[worker].isAboutToLook = false
      look(worker)
    case .tires:
      if workers[worker].version == event.version { tire(worker) }
    case .arrives:
      if workers[worker].version == event.version { search(worker) }
    }
  }
}
