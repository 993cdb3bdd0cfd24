import CTributaryShims
import Synchronization
import TributaryParallel

/// What the process's threads do, as events with times: operations as they are recorded, nodes as passes run them.
///
/// One trace at a time, for the whole process. Off, it costs recording an operation one load, and a pass two, and one
/// for each node.
package final class Trace: Sendable {
  /// What is written down.
  package enum Detail: Sendable {
    /// Each operation and each node.
    case everything
    /// How long passes took, and nothing while they run: they take as long as without a trace.
    case passes
  }

  package struct Recording: Sendable {
    /// In the order of their beginnings.
    package let events: [Event]
    /// The passes that succeeded, in the order of their ends.
    package let passes: [RecordedPass]
  }

  package struct Event: Sendable {
    package enum Kind: Sendable { case forward, backward }
    package let kind: Kind
    /// The operation's name, as `gradFn` prints it.
    package let name: String
    /// Of the operation's result.
    package let shape: Shape
    /// The system's number of the thread, and which worker of its team it was.
    package let thread: Int
    package let worker: Int
    /// Nanoseconds since the trace began.
    package let start: UInt64
    package let end: UInt64
    /// The same for an operation and its node in every pass; 0: recorded before the trace.
    package let node: UInt64
    /// Of a backward event.
    package var backward = Backward()
  }

  package struct Backward: Sendable {
    /// How many contributions the node's gradient had.
    package var slots = 0
    /// How long the node was ready before it ran.
    package var waited: UInt64 = 0
    package var stolen = false
    /// Nodes that were ready, and the process's live bytes, when it had run.
    package var readyNodes = 0
    package var liveBytes = 0
  }

  /// Threads write to one of several lists, by their number: each under its own lock, seldom shared.
  struct Shard {
    var events: [Event] = []
    /// When the thread's last operation was recorded.
    var last: [Int: UInt64] = [:]
  }

  let detail: Detail
  private static let shardCount = 64
  private let shards: [Locked<Shard>]
  let passes = Locked<[RecordedPass]>([])
  /// By a recorded node's address; a later node at the same address takes the place of one that is gone.
  let numbers = Locked<[ObjectIdentifier: UInt64]>([:])
  // Relaxed: numbers need only differ.
  private let lastNumber = Atomic<UInt64>(0)
  let origin = tri_nanoseconds()

  private init(_ detail: Detail) {
    self.detail = detail
    shards = (0..<Self.shardCount).map { _ in Locked(Shard()) }
  }

  // MARK: On and off

  /// Relaxed: who misses the switch by an operation leaves an event out.
  private static let isOn = Atomic<Bool>(false)
  /// The same of operations.
  private static let seesOperations = Atomic<Bool>(false)
  private static let current = Locked<Trace?>(nil)

  /// The trace that is being made.
  @inline(__always)
  package static var active: Trace? {
    isOn.load(ordering: .relaxed) ? current.withLock { $0 } : nil
  }

  /// The same where it wants to be told of operations.
  @inline(__always)
  package static var ofOperations: Trace? {
    seesOperations.load(ordering: .relaxed) ? current.withLock { $0 } : nil
  }

  /// The clock where a trace is being made, else 0.
  @inline(__always)
  static var time: UInt64 { isOn.load(ordering: .relaxed) ? tri_nanoseconds() : 0 }

  /// Traces `body`.
  package static func during(
    _ detail: Detail = .everything, _ body: () throws -> Void
  ) rethrows -> Recording {
    let trace = Trace(detail)
    current.withLock { $0 = trace }
    isOn.store(true, ordering: .relaxed)
    seesOperations.store(detail == .everything, ordering: .relaxed)
    defer {
      isOn.store(false, ordering: .relaxed)
      seesOperations.store(false, ordering: .relaxed)
      current.withLock { $0 = nil }
    }
    try body()
    return Recording(
      events: trace.shards.flatMap { $0.withLock(\.events) }.sorted { $0.start < $1.start },
      passes: trace.passes.withLock { $0 })
  }

  // MARK: Events

  private var now: UInt64 { tri_nanoseconds() - origin }

  func shard(_ thread: Int) -> Locked<Shard> { shards[thread % Self.shardCount] }

  static var thread: Int { Int(tri_thread_number()) }

  /// An operation has been recorded. When it began is not known: it is taken to have begun when the thread's last
  /// event ended, but no earlier than ten times what its backward is estimated at, and 20 µs.
  package func recorded(_ node: Node) {
    let (thread, end) = (Self.thread, now)
    let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    numbers.withLock { $0[ObjectIdentifier(node)] = number }
    let most = UInt64(min(max(node.cost, 0), 1e12)) * 10 + 20_000
    shard(thread).withLock { shard in
      let start = max(shard.last[thread] ?? 0, end > most ? end - most : 0)
      shard.last[thread] = end
      shard.events.append(
        Event(
          kind: .forward, name: node.name, shape: node.outputShape, thread: thread,
          worker: Int(tri_thread().pointee.worker), start: start, end: end, node: number))
    }
  }
}
