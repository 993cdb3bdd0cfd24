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
  /// The successors that this node made ready, which are in no queue yet (those that are for other workers are not
  /// among them). They are handed on together when the body returns: by then the best of them is known, and one lock
  /// and one announcement serve all.
  var ready = ReadyNodes()
  var readyCount = 0
  /// Of these, some for the queue of worker `dealtTo`: neighbours mostly go to the same, and one lock serves them.
  private var dealt = ReadyNodes()
  private var dealtTo = 0

  /// nil in a serial run.
  private let policy: PassPolicy?
  // Which worker or NUMA node a ready node is for; nil: nobody says, or it makes no difference.
  private let homeOf: (@Sendable (Int) -> Int)?
  private let placeOf: (@Sendable (Int) -> BranchPlace)?

  /// Of a serial run.
  init(worker: Int) {
    (self.worker, home, record, pending) = (worker, 0, nil, nil)
    (policy, homeOf, placeOf) = (nil, nil, nil)
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
    placeOf = record.pointee.options.place
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

  mutating func becameReady(_ node: Int32) {
    guard let record, let policy else { return }
    record.pointee.options.observer?.becameReady(Int(node))
    readyCount += 1
    if let near = homeOf?(Int(node)), policy.sends(to: near, from: home) {
      policy.send(node, to: near, record.pointee.heap)
    } else if readyCount > 1, let owner = placeOf?(Int(node)).worker(of: policy.width),
      owner != worker
    {
      if owner != dealtTo { deal() }
      dealtTo = owner
      record.pointee.heap.add(node, to: &dealt)
    } else {
      record.pointee.heap.add(node, to: &ready)
    }
  }

  /// Puts what was set aside for another worker into its queue.
  mutating func deal() {
    guard let policy, let record, !dealt.isEmpty else { return }
    policy.push(dealt, of: dealtTo, record.pointee.heap)
    dealt = ReadyNodes()
  }
}
