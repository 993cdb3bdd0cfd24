import CTributaryShims
import Synchronization
import TributaryMemory
import TributaryParallel

/// What the process's threads do, as events with times: operations as they are recorded, nodes as passes run them.
///
/// One trace at a time, for the whole process. Off, it costs recording an operation one load, and a pass one for each
/// node.
package final class Trace: Sendable {
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
  private struct Shard {
    var events: [Event] = []
    /// When the thread's last operation was recorded.
    var last: [Int: UInt64] = [:]
  }

  private static let shardCount = 64
  private let shards: [MutexBox<Shard>]
  /// By a recorded node's address; a later node at the same address takes the place of one that is gone.
  private let numbers = MutexBox<[ObjectIdentifier: UInt64]>([:])
  // Relaxed: numbers need only differ.
  private let lastNumber = Atomic<UInt64>(0)
  private let origin = tri_nanoseconds()
  // Relaxed: a count.
  private let ready = Atomic<Int>(0)

  private init() { shards = (0..<Self.shardCount).map { _ in MutexBox(Shard()) } }

  // MARK: On and off

  /// Relaxed: who misses the switch by an operation leaves an event out.
  private static let isOn = Atomic<Bool>(false)
  private static let current = MutexBox<Trace?>(nil)

  /// The trace that is being made.
  @inline(__always)
  package static var active: Trace? { isOn.load(ordering: .relaxed) ? current.with { $0 } : nil }

  /// Traces `body`; the events in the order of their beginnings.
  package static func during(_ body: () throws -> Void) rethrows -> [Event] {
    let trace = Trace()
    current.with { $0 = trace }
    isOn.store(true, ordering: .relaxed)
    defer {
      isOn.store(false, ordering: .relaxed)
      current.with { $0 = nil }
    }
    try body()
    return trace.shards.flatMap { $0.with(\.events) }.sorted { $0.start < $1.start }
  }

  // MARK: Events

  private var now: UInt64 { tri_nanoseconds() - origin }

  private func shard(_ thread: Int) -> MutexBox<Shard> { shards[thread % Self.shardCount] }

  private static var thread: Int { Int(tri_thread_number()) }

  /// An operation has been recorded. When it began is not known: it is taken to have begun when the thread's last
  /// event ended, but no earlier than ten times what its backward is estimated at, and 20 µs.
  package func recorded(_ node: Node) {
    let (thread, end) = (Self.thread, now)
    let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    numbers.with { $0[ObjectIdentifier(node)] = number }
    let most = UInt64(min(max(node.cost, 0), 1e12)) * 10 + 20_000
    shard(thread).with { shard in
      let start = max(shard.last[thread] ?? 0, end > most ? end - most : 0)
      shard.last[thread] = end
      shard.events.append(
        Event(
          kind: .forward, name: node.name, shape: node.outputShape, thread: thread,
          worker: Int(tri_thread().pointee.worker), start: start, end: end, node: number))
    }
  }

  fileprivate func ran(_ node: Node, slots: Int, readySince: UInt64?, start: UInt64, stolen: Bool) {
    let (thread, end) = (Self.thread, now)
    var details = Backward()
    details.slots = slots
    details.waited = readySince.map { start > $0 ? start - $0 : 0 } ?? 0
    details.stolen = stolen
    details.readyNodes = max(0, ready.load(ordering: .relaxed))
    details.liveBytes = BufferPool.approximateLiveBytes
    let number = numbers.with { $0[ObjectIdentifier(node)] } ?? 0
    shard(thread).with { shard in
      shard.last[thread] = end
      shard.events.append(
        Event(
          kind: .backward, name: node.name, shape: node.outputShape, thread: thread,
          worker: Int(tri_thread().pointee.worker), start: start, end: end, node: number,
          backward: details))
    }
  }

  /// What a trace sees of one pass.
  final class Pass: PassObserver {
    private struct Times {
      var ready: UInt64?
      var start: UInt64 = 0
      var stolen = false
    }

    private let trace: Trace
    private let task: GraphTask
    private let times: MutexBox<[Int: Times]>

    init(_ trace: Trace, _ task: GraphTask) {
      (self.trace, self.task) = (trace, task)
      times = MutexBox([:])
    }

    func becameReady(_ node: Int) {
      let now = trace.now
      trace.ready.wrappingAdd(1, ordering: .relaxed)
      times.with { $0[node] = Times(ready: now) }
    }

    func willRun(_ node: Int, stolen: Bool) {
      let now = trace.now
      times.with { times in
        if times[node] != nil { trace.ready.wrappingSubtract(1, ordering: .relaxed) }
        times[node, default: Times()].start = now
        times[node]?.stolen = stolen
      }
    }

    func hasRun(_ node: Int) {
      guard let times = times.with({ $0.removeValue(forKey: node) }) else { return }
      let slots = task.portRange(node).reduce(0) { $0 + Int(task.ports[$1].slotCount) }
      trace.ran(
        task.nodes[node].node.takeUnretainedValue(), slots: slots, readySince: times.ready,
        start: times.start, stolen: times.stolen)
    }
  }
}

/// A value behind a lock, as an object: arrays hold objects, and not `Mutex`.
final class MutexBox<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func with<R: Sendable>(_ body: (inout sending Value) throws -> sending R) rethrows -> R {
    try value.withLock { try body(&$0) }
  }
}
