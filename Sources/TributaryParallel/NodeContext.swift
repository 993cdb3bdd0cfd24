import Synchronization

/// What a body is given besides its node's number.
package struct NodeContext: ~Copyable {
  /// The number of the thread in its team: 0 for the client, below `width`.
  package let worker: Int

  // SAFETY: the pointers are valid while the pass is open and the thread takes part in it, which is
  // longer than a context lives. nil in a serial run.
  private let record: UnsafeMutablePointer<PassRecord>?
  private let pending: UnsafeMutablePointer<Atomic<Int32>>?
  /// The successors that this node made ready, which are in no queue yet. They are handed on together when
  /// the body returns: by then the best of them is known, and one lock and one announcement serve all.
  var ready = ReadyNodes()
  var readyCount = 0

  init(worker: Int, record: UnsafeMutablePointer<PassRecord>? = nil) {
    self.worker = worker
    self.record = record
    pending = record?.pointee.pending
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

  private mutating func becameReady(_ node: Int32) {
    guard let record else { return }
    record.pointee.options.observer?.becameReady(Int(node))
    record.pointee.heap.add(node, to: &ready)
    readyCount += 1
  }
}
