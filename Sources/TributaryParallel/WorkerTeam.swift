import CTributaryShims
import Synchronization

/// The workers that run all parallel work of the process; see SCHEDULER.md.
///
/// A team holds no thread while it has nothing to do. Teams may be made and dropped at will; a dropped one
/// goes when its last worker has left.
///
/// Unchecked: the pointers lead to memory that lives as long as the team, and each says what guards it.
package final class WorkerTeam: @unchecked Sendable {
  /// The most threads that work on one job: the client, which is worker 0, and `width - 1` others.
  package let width: Int
  package let topology: Topology

  /// How long a worker without work looks for some, in nanoseconds.
  package let spinNanoseconds: UInt64
  /// How long a thread that waits for others looks for something to do before it sleeps.
  let waitNanoseconds: UInt64
  /// More threads than cores: who spins yields.
  let crowded: Bool
  /// How many workers libdispatch provides; the rest are threads of their own, for it runs no more
  /// iterations at once than there are cores.
  let dispatchedLimit: Int
  /// For each worker the index of its node in `topology.nodes`.
  let nodeOfWorker: [Int]
  /// Core number → index of its node; empty with one node.
  let nodeOfCore: [Int]

  /// How many queues of ready nodes a pass has; see `PassPolicy`.
  let queueCount: Int

  /// The places of open jobs, `slotCount` of them. A job that finds none free is run by its caller. No array: all who look
  /// for work would count references to it.
  let slots: UnsafeMutablePointer<SlotPointer>
  static let slotWords = 2
  static var slotCount: Int { slotWords * 64 }
  /// How far up the chain of nested passes kinship is followed. Help is lost beyond, nothing else.
  static let kinshipLimit = 64

  package let meter = TeamMeter()

  private let pad0 = CacheLine()
  /// See `Crew`.
  let crewWord = Atomic<UInt64>(0)
  private let pad1 = CacheLine()
  /// Openers that sleep or are about to.
  let sleepers = Atomic<Int>(0)
  /// Openers that wait for a pass, and look for something to help with.
  let idleOpeners = Atomic<Int>(0)
  private let pad2 = CacheLine()
  /// Nanoseconds of loops that were too small to summon anybody for.
  let smallWork = Atomic<Int>(0)
  private let pad3 = CacheLine()
  /// One bit for each slot that was ever used; `slotWords` words. Never cleared, so that opening a job
  /// writes no word that all workers watch but the slot's own.
  let usedSlots: UnsafeMutablePointer<Atomic<UInt64>>
  /// One bit for each worker number that is taken.
  let usedNumbers: UnsafeMutablePointer<Atomic<UInt64>>

  /// - Parameters:
  ///   - width: taken as asked (at least 1, at most 4,096), also beyond the cores; nil:
  ///     `TRIBUTARY_NUM_THREADS`, else `topology.defaultWidth`.
  ///   - spin: how long a worker without work looks for some before its thread goes back; nil: 300 µs,
  ///     20 µs under a CPU quota below the cores, which spinning would spend.
  package init(width: Int? = nil, topology: Topology = .current, spin: Duration? = nil) {
    self.topology = topology
    let asked = width ?? WorkerTeam.widthFromEnvironment ?? topology.defaultWidth
    let width = min(max(1, asked), WorkerTeam.largestWidth)
    self.width = width
    // A quota of all cores or more throttles nobody.
    let limited = topology.quota.map { $0 < Double(topology.coreCount) } ?? false
    spinNanoseconds = spin?.wholeNanoseconds ?? (limited ? 20_000 : 300_000)
    waitNanoseconds = min(spinNanoseconds, 50_000)
    crowded = width > topology.coreCount
    dispatchedLimit = min(width - 1, max(1, topology.coreCount - 1))
    nodeOfWorker = topology.spread(width)
    queueCount = width + PassPolicy.homeQueues(topology.nodes.count)
    nodeOfCore = topology.nodes.count > 1 ? topology.nodeIndexOfCore : []
    slots = .allocate(capacity: WorkerTeam.slotCount)
    for index in 0..<WorkerTeam.slotCount {
      let slot = UnsafeMutableRawPointer.allocate(
        byteCount: MemoryLayout<JobSlot>.size, alignment: JobSlot.line
      ).bindMemory(to: JobSlot.self, capacity: 1)
      slot.initialize(to: JobSlot(nodes: topology.nodes.count, width: width))
      (slots + index).initialize(to: slot)
    }
    usedSlots = .allocate(capacity: WorkerTeam.slotWords)
    for word in 0..<WorkerTeam.slotWords { (usedSlots + word).initialize(to: Atomic(0)) }
    let numberWords = (width + 63) / 64
    usedNumbers = .allocate(capacity: numberWords)
    for word in 0..<numberWords { (usedNumbers + word).initialize(to: Atomic(word == 0 ? 1 : 0)) }
  }

  deinit {
    for index in 0..<WorkerTeam.slotCount {
      slots[index].deinitialize(count: 1)
      slots[index].deallocate()
    }
    slots.deallocate()
    usedSlots.deallocate()
    usedNumbers.deallocate()
  }

  /// More would not fit the numbers of `Crew` with room to spare.
  package static let largestWidth = 4_096

  /// The team of the process, made at first use.
  package static let shared = WorkerTeam()

  // SAFETY: `withTeam` holds the team as long as its body runs, and the process's own teams live for good. References to a
  // team are not counted on the way into a loop: all threads would write that one word.
  @TaskLocal private static var bound: Unmanaged<WorkerTeam>?
  private static let sharedReference = Unmanaged.passUnretained(shared)

  /// The team bound by the innermost `withTeam`, else `shared`. One task-local read.
  package static var current: WorkerTeam { currentReference.takeUnretainedValue() }

  /// How many threads ``current`` has, and over how many NUMA nodes; no reference to it is counted.
  package static var currentExtent: (width: Int, nodes: Int) {
    currentReference._withUnsafeGuaranteedRef { ($0.width, $0.topology.nodes.count) }
  }

  /// ``current``, without counting a reference to it.
  static var currentReference: Unmanaged<WorkerTeam> { bound ?? sharedReference }

  /// Runs `body` with `current == team`. Holds in child tasks, and in everything that the team runs. A task that `body` starts
  /// and does not wait for must end before a team that is made for less than the process's life.
  package static func withTeam<R, E: Error>(
    _ team: WorkerTeam, _ body: () throws(E) -> R
  ) throws(E) -> R {
    defer { withExtendedLifetime(team) {} }
    return try $bound.with(.passUnretained(team), body)
  }

  /// The same for an asynchronous body.
  package static func withTeam<R, E: Error>(
    _ team: WorkerTeam, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(E) -> R
  ) async throws(E) -> R {
    defer { withExtendedLifetime(team) {} }
    return try await $bound.with(.passUnretained(team), isolation: isolation, body)
  }

  /// The process's team of this width; the number is drawn into 1 … `largestWidth`.
  ///
  /// One for each width, so that all who ask for it share its threads. Kept for good: without work a team is up
  /// to 160 KiB and no thread.
  package static func ofWidth(_ width: Int) -> WorkerTeam {
    let width = min(max(1, width), largestWidth)
    if width == shared.width { return shared }
    if let known = teams.withLock({ $0[width] }) { return known }
    // Made outside of the lock; who comes second drops its own.
    let made = WorkerTeam(width: width)
    return teams.withLock { teams in
      let team = teams[width] ?? made
      teams[width] = team
      return team
    }
  }

  private static let teams = Locked<[Int: WorkerTeam]>([:])

  /// Runs `body` with `current == self`, binding it only where it is not.
  func asCurrent(_ body: () -> Void) {
    let own = Unmanaged.passUnretained(self)
    if WorkerTeam.currentReference.toOpaque() == own.toOpaque() {
      body()
    } else {
      WorkerTeam.$bound.withValue(own, operation: body)
    }
  }

  /// Ends a child process that was forked inside a node and came back out of it: the other participants hold locks
  /// and parts of the pass, and do not exist in the child; nothing could ever finish. Such a child must call exec
  /// or _exit.
  static func endIfForked() { if poisonedByFork { tri_end_forked_child() } }

  /// True in a child process whose parent had worker threads; every pass then ends with `.forked`.
  package static var poisonedByFork: Bool { tri_fork_poisoned() }
}

/// Keeps what stands before it and what stands behind it on different cache lines.
struct CacheLine {
  private let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
    (0, 0, 0, 0, 0, 0, 0, 0)
  private let more: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
    (0, 0, 0, 0, 0, 0, 0, 0)
}

extension Duration {
  var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, min(seconds, 1_000_000))) * 1_000_000_000
      + UInt64(max(0, attoseconds / 1_000_000_000))
  }
}
