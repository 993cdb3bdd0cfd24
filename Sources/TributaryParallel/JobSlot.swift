import CTributaryShims
import Synchronization

/// The place of one open job, a loop or a pass. It belongs to the team and is used again and again, so a
/// worker may look at it at any time; what belongs to one job is touched only by those who joined it.
///
/// Threads reach a slot through one shared pointer. Its plain fields are written by the opener before it
/// opens the slot and read by participants after they joined; the rest is atomic.
struct JobSlot: ~Copyable {
  enum Kind: UInt8, AtomicRepresentable { case loop, pass }

  /// Generation (high half) and number of participants (low half). Participants > 0: the job is open and
  /// may be joined. 0: it is over, for good. Sequentially consistent: see SCHEDULER.md, "Memory ordering".
  let state = Atomic<UInt64>(0)
  /// Whether an opener has the slot. Acquire when taken, release when given back: they hand over the
  /// plain fields.
  let taken = Atomic<Bool>(false)
  /// 1: the opener sleeps here. Whoever changes it to 0 wakes it.
  let parkWord: UnsafeMutablePointer<Atomic<UInt32>>
  // What a worker reads before it joins is a hint: relaxed.
  let kind = Atomic<Kind>(.loop)
  /// The slot of the pass in whose node this pass was opened; -1: none.
  let parent = Atomic<Int32>(-1)

  /// One counter for each part of a loop's tiles.
  let counters: UnsafeMutableRawPointer
  /// How many there are: one for each NUMA node, and on a single node one for each worker or group of workers.
  let mostParts: Int
  /// Nodes of the topology.
  let nodes: Int
  /// One queue for each worker, and with several NUMA nodes one for each of these; made when the slot first holds a
  /// pass. Released by the maker, acquired by those who look at the slot.
  let queues = Atomic<UnsafeMutableRawPointer?>(nil)

  // Of a loop.
  /// A pointer to a closure `(Range<Int>) -> Void` on the opener's stack.
  var loopBody: UnsafeRawPointer?
  var chunk = 1
  /// Into how many its tiles are dealt.
  var parts = 1
  /// So short that its workers count as searching all the while.
  var isBrief = false

  // Of a pass.
  var pass: UnsafeMutablePointer<PassRecord>?

  init(nodes: Int, width: Int) {
    self.nodes = nodes
    mostParts = nodes > 1 ? nodes : min(width, 8)
    // On a line of its own: openers sleep and are woken while others look at the slot.
    parkWord = UnsafeMutableRawPointer.allocate(byteCount: JobSlot.line, alignment: JobSlot.line)
      .bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    parkWord.initialize(to: Atomic(0))
    counters = .allocate(byteCount: mostParts * JobSlot.line, alignment: JobSlot.line)
    for part in 0..<mostParts {
      (counters + part * JobSlot.line).bindMemory(to: TileCounter.self, capacity: 1)
        .initialize(to: TileCounter())
    }
  }

  deinit {
    // TileCounter and ReadyQueue hold nothing that must be destroyed.
    counters.deallocate()
    parkWord.deallocate()
    // Relaxed: nobody else can reach the slot any more.
    queues.load(ordering: .relaxed)?.deallocate()
  }

  /// Two cache lines: processors fetch them in pairs.
  static let line = 128
  static let participantMask: UInt64 = 0xffff_ffff
}

/// The tiles of one part that nobody has claimed.
struct TileCounter: ~Copyable {
  // Relaxed: a tile's data is handed over by joining and leaving the job, not by claiming.
  let next = Atomic<Int>(0)
  let end = Atomic<Int>(0)
}

typealias SlotPointer = UnsafeMutablePointer<JobSlot>

extension UnsafeMutablePointer where Pointee == JobSlot {
  /// Enters the open job whose state was read as `seen`; false if it is over or another.
  @inline(__always)
  func join(seen: UInt64) -> Bool {
    var expected = seen
    while expected & JobSlot.participantMask != 0 {
      let (done, now) = pointee.state.compareExchange(
        expected: expected, desired: expected + 1, ordering: .sequentiallyConsistent)
      if done { return true }
      if now >> 32 != seen >> 32 { return false }
      expected = now
    }
    return false
  }

  /// Leaves the job; the last one to do so ends it and wakes the opener. True for the last.
  @inline(__always)
  @discardableResult
  func leave() -> Bool {
    let now = pointee.state.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    guard now & JobSlot.participantMask == 0 else { return false }
    wakeOpener()
    return true
  }

  @inline(__always)
  var isOver: Bool {
    pointee.state.load(ordering: .sequentiallyConsistent) & JobSlot.participantMask == 0
  }

  /// Wakes the opener if it sleeps. It may be the opener of a later job: that one looks and sleeps again.
  @inline(__always)
  @discardableResult
  func wakeOpener() -> Bool {
    let word = pointee.parkWord
    guard word.pointee.load(ordering: .sequentiallyConsistent) == 1,
      word.pointee.exchange(0, ordering: .sequentiallyConsistent) == 1
    else { return false }
    tri_futex_wake(word)
    return true
  }
}

extension UnsafeMutablePointer where Pointee == JobSlot {
  @inline(__always)
  func counter(_ part: Int) -> UnsafeMutablePointer<TileCounter> {
    // SAFETY: the initializer bound and initialized `mostParts` counters at this stride.
    (pointee.counters + part * JobSlot.line).assumingMemoryBound(to: TileCounter.self)
  }

  /// Whether some tile is unclaimed; a hint to those who have not joined.
  @inline(__always)
  var hasTiles: Bool {
    for part in 0..<pointee.mostParts {
      let counter = counter(part)
      if counter.pointee.next.load(ordering: .sequentiallyConsistent)
        < counter.pointee.end.load(ordering: .sequentiallyConsistent)
      {
        return true
      }
    }
    return false
  }

  @inline(__always)
  func queue(_ index: Int) -> UnsafeMutablePointer<ReadyQueue>? {
    // SAFETY: `makeQueues` bound and initialized the queues at this stride.
    guard let base = pointee.queues.load(ordering: .acquiring) else { return nil }
    return (base + index * JobSlot.line).assumingMemoryBound(to: ReadyQueue.self)
  }

  /// Called by the opener, who owns the slot.
  ///
  /// - Parameter count: the same for every pass that the slot ever holds.
  func makeQueues(count: Int) {
    if pointee.queues.load(ordering: .relaxed) != nil { return }
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: count * JobSlot.line, alignment: JobSlot.line)
    for queue in 0..<count {
      (base + queue * JobSlot.line).bindMemory(to: ReadyQueue.self, capacity: 1)
        .initialize(to: ReadyQueue())
    }
    pointee.queues.store(base, ordering: .releasing)
  }

  /// A queue that has a ready node which frees memory; nil if none is seen.
  func queueWithFreeingNode(count: Int) -> Int? {
    (0..<count).first { queue($0).map { $0.pointee.firstFreeingKey != 0 } ?? false }
  }

  /// Whether one of the first `count` queues has a ready node; a hint to those who have not joined.
  @inline(__always)
  func hasNodes(in count: Int) -> Bool {
    // SAFETY: as in `queue`.
    guard let base = pointee.queues.load(ordering: .acquiring) else { return false }
    for index in 0..<count {
      let queue = (base + index * JobSlot.line).assumingMemoryBound(to: ReadyQueue.self)
      if queue.pointee.firstKey != 0 { return true }
    }
    return false
  }

  /// Of some queues the one whose first ready node has the largest key; nil if nothing is ready in them.
  @inline(__always)
  func richestQueue(
    _ indices: Range<Int>, where isAsked: (Int) -> Bool = { _ in true }
  ) -> Int? {
    // SAFETY: as in `queue`.
    guard let base = pointee.queues.load(ordering: .acquiring) else { return nil }
    var best: Int?
    var bestKey: UInt64 = 0
    for index in indices where isAsked(index) {
      let queue = (base + index * JobSlot.line).assumingMemoryBound(to: ReadyQueue.self)
      let key = queue.pointee.firstKey
      if key > bestKey { (best, bestKey) = (index, key) }
    }
    return best
  }
}
