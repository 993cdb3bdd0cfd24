import Synchronization

/// What a body is given besides its node's number.
package struct NodeContext: ~Copyable {
  /// The number of the thread in its team: 0 for the client, below `width`.
  package let worker: Int
  /// The index of the thread's NUMA node: of a worker where it is pinned, of a client that of its core as it joined.
  let home: Int

  // SAFETY: the pointers are valid while the pass is open and the thread takes part in it, which is
  // longer than a context lives. nil in a serial run.
  private let record: UnsafeMutablePointer<PassRecord>?
  private let pending: UnsafeMutablePointer<Atomic<Int32>>?
  /// The successors that this node made ready. Handed on together when the body returns (but what is for other workers
  /// may go earlier): by then the best of them is known, and one lock and one announcement serve all.
  private var made = MadeReady()
  /// The node whose body runs; -1: none yet.
  private var running: Int32 = -1

  /// nil in a serial run.
  private let policy: PassPolicy?
  /// Which NUMA node a ready node is for; nil: nobody says, or it makes no difference.
  private let homeOf: (@Sendable (Int) -> Int)?
  private let places: BranchPlaces

  /// Of a serial run.
  init(worker: Int) {
    (self.worker, home, record, pending) = (worker, 0, nil, nil)
    (policy, homeOf, places) = (nil, nil, .none)
  }

  /// Of a run on the team.
  init(
    worker: Int, record: UnsafeMutablePointer<PassRecord>, team: WorkerTeam, _ policy: PassPolicy
  ) {
    self.worker = worker
    self.record = record
    self.policy = policy
    pending = record.pointee.pending
    home = policy.homes > 0 ? team.nodeOfThread : 0
    homeOf = policy.homes > 0 ? record.pointee.options.home : nil
    places = record.pointee.options.places
  }

  /// Tells that one incoming edge of `successor` is fulfilled; whoever fulfils the last owns the node.
  /// Does nothing in a serial run. Call it when the edge's data is stored, once for each edge.
  @inline(__always)
  package mutating func satisfied(_ successor: Int) {
    guard let pending else { return }
    // Release: what this node stored for the successor; acquire: what the other producers stored.
    let left = pending[successor].wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
    if left == 0 { becameReady(Int32(truncatingIfNeeded: successor)) }
  }

  /// - Parameter mayBeSmall: false where no node runs that a small one could follow.
  mutating func becameReady(_ node: Int32, mayBeSmall: Bool = true) {
    guard let record, let policy else { return }
    record.pointee.options.observer?.becameReady(Int(node))
    if mayBeSmall, policy.isSmall(node, record.pointee.heap) {
      return made.addSmall(node, record.pointee.heap)
    }
    if let near = homeOf?(Int(node)),
      made.send(node, to: near, from: home, policy, record.pointee.heap)
    {
      return
    }
    let current = running < 0 ? .none : places[Int(running)]
    made.add(
      node, of: places[Int(node)], after: current, by: worker, policy, record.pointee.heap)
  }

  mutating func begins(_ node: Int32) {
    made = MadeReady()
    running = node
  }

  /// The next small node, which begins; nil for none.
  @inline(__always)
  mutating func beginsSmall() -> Int32? {
    guard let record else { return nil }
    let node = made.takeSmall(record.pointee.heap)
    if node < 0 { return nil }
    running = node
    return node
  }

  /// Hands on what was made ready. Returns what the worker runs next, -1 for nothing, and how many others there are.
  @inline(__always)
  mutating func handOn(thrift: Bool) -> (next: Int32, others: Int) {
    guard !made.isEmpty, let record, let policy else { return (-1, 0) }
    let next = made.handOn(by: worker, policy, record.pointee.heap, thrift: thrift)
    return (next, made.count - (next >= 0 ? 1 : 0))
  }

  /// The same for what the opener of a pass finds ready. It keeps its own best, whose data it has as a rule; where all is
  /// for others it takes the best of all, as anybody would. Returns how many there are in all.
  mutating func handOnFirst(thrift: Bool) -> (next: Int32, all: Int) {
    let (next, others) = handOn(thrift: thrift || !made.hasOwn)
    return (next, others + (next >= 0 ? 1 : 0))
  }
}
