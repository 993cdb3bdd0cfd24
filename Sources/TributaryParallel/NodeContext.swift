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
  /// The successors that this node made ready, which are in no queue yet (those that lie near other workers are not
  /// among them). They are handed on together when the body returns: by then the best of them is known, and one lock
  /// and one announcement serve all.
  var ready = ReadyNodes()
  var readyCount = 0

  /// Where ready nodes that lie near other workers go; nil: with one NUMA node, or where nobody says where nodes lie.
  private let policy: PassPolicy?

  /// Of a serial run.
  init(worker: Int) {
    (self.worker, home, record, pending, policy) = (worker, 0, nil, nil, nil)
  }

  /// Of a run on the team.
  init(
    worker: Int, record: UnsafeMutablePointer<PassRecord>, team: WorkerTeam, _ policy: PassPolicy
  ) {
    self.worker = worker
    self.record = record
    pending = record.pointee.pending
    home = policy.homes > 0 ? team.nodeOfThread : 0
    self.policy = policy.homes > 0 && record.pointee.options.home != nil ? policy : nil
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
    guard let record else { return }
    record.pointee.options.observer?.becameReady(Int(node))
    readyCount += 1
    if let policy, let place = record.pointee.options.home?(Int(node)),
      policy.sends(to: place, from: home)
    {
      policy.send(node, to: place, record.pointee.heap)
    } else {
      record.pointee.heap.add(node, to: &ready)
    }
  }
}
