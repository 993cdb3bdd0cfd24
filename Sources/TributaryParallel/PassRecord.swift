import CTributaryShims
import Synchronization

/// What the participants of one parallel pass share. Lives on the heap while the pass is open; whoever has
/// joined its slot may read it.
struct PassRecord: ~Copyable {
  typealias Body = (_ node: Int, _ context: inout NodeContext) throws -> Void

  let team: Unmanaged<WorkerTeam>
  let slot: Int
  /// The open pass in whose node this one was opened, of the same team; it outlives this one.
  let parent: UnsafeMutablePointer<PassRecord>?
  let heap: NodeHeap
  /// How many edges into each node are unfulfilled; nil: there are no edges.
  let pending: UnsafeMutablePointer<Atomic<Int32>>?
  /// A pointer to the body, on the opener's stack.
  let body: UnsafePointer<Body>
  let options: PassOptions

  /// Nodes above this do not start: the lowest position that threw. Relaxed: it may be seen a node late.
  let limit = Atomic<Int>(.max)
  /// Some node was dropped since the pass was cancelled. Relaxed: read when the pass is over.
  let sawCancellation = Atomic<Bool>(false)
  /// Nodes that ran; each participant adds its own when it leaves. Relaxed likewise.
  let ran = Atomic<Int>(0)
  let failureLock = SpinLock()
  /// Guarded by `failureLock`.
  var failure: (position: Int, error: any Error)?

  /// Whether this pass is `ancestor` or was opened, at some depth, in a node of it.
  static func isKin(
    _ record: UnsafeMutablePointer<PassRecord>, of ancestor: UnsafeMutablePointer<PassRecord>
  ) -> Bool {
    var next: UnsafeMutablePointer<PassRecord>? = record
    for _ in 0..<WorkerTeam.kinshipLimit {
      guard let current = next else { return false }
      if current == ancestor { return true }
      next = current.pointee.parent
    }
    return false
  }

  static func fail(
    _ record: UnsafeMutablePointer<PassRecord>, _ position: Int, _ error: any Error
  ) {
    record.pointee.limit.min(position, ordering: .relaxed)
    var replaced: (position: Int, error: any Error)?
    record.pointee.failureLock.lock()
    if position < record.pointee.failure?.position ?? .max {
      replaced = record.pointee.failure
      record.pointee.failure = (position, error)
    }
    record.pointee.failureLock.unlock()
    // Freed outside the lock: an error may hold anything.
    withExtendedLifetime(replaced) {}
  }
}
