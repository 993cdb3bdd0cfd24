import CTributaryShims
import Glibc
import Synchronization

/// The free blocks and the counters of one thread: nothing here is written by another thread in
/// the normal course, so that a small operator neither locks nor shares a cache line.
///
/// Each size class has a current chain, filled and emptied block by block, and spare chains of one
/// full batch each, which pass to and from the central list whole. (Keeping one long list and
/// cutting it was rejected: walking a list of free blocks misses the cache on every one.)
///
/// Memory ordering: every counter is written by its own thread only, with a relaxed load and a
/// relaxed store, and read by others for statistics that claim to be exact only when the readers
/// have synchronised with the writers by other means; nothing else is published through them.
struct ThreadCache: ~Copyable {
  struct Bin: ~Copyable {
    var current: FreeList?
    var spares: FreeList?
    let count = Atomic<Int>(0)
    let batch: Int
    let size: Int

    init(sizeClass: Int) {
      batch = SizeClass.batch(of: sizeClass)
      size = SizeClass.byteCount(of: sizeClass)
    }
  }

  /// How many bytes a thread may allocate or free before it tells the rest.
  static let step = 64 << 10
  /// How many bytes of spare chains a thread keeps; the current chains, at most 64 KiB or one
  /// block each, come on top, and for each block the object of its last buffer, some 64 bytes that are in no count.
  static let spareBound = 4 << 20

  // SAFETY: `SizeClass.smallCount` bins, made with the cache and freed with it.
  let bins: UnsafeMutablePointer<Bin>
  /// Live bytes that this thread added since it last added them to the shared total.
  let unpublished = Atomic<Int>(0)
  /// The greatest value of `unpublished` since then.
  let highest = Atomic<Int>(0)
  /// The value of `unpublished` past which an allocation takes the long way: `step`, or `Int.min`
  /// under a limit, when the thread is asked to empty its cache and where all is told at once. Another thread may store
  /// here, and to `floor`.
  let ceiling = Atomic<Int>(ThreadCache.step)
  /// The value of `unpublished` below which a release takes the long way: `-step`, or `Int.max` where all is told at once.
  let floor = Atomic<Int>(-ThreadCache.step)
  let wantsFlush = Atomic<Bool>(false)
  let allocations = Atomic<Int>(0)
  let releases = Atomic<Int>(0)
  let misses = Atomic<Int>(0)
  let spareBytes = Atomic<Int>(0)
  /// Where the search for a chain to give up goes on. An atomic as the counters, so that the owner's functions
  /// need not be mutating: that would be an access to the whole struct, which others read the counters of.
  let victim = Atomic<Int>(0)
  /// The list of all caches. Protected by the registry's lock.
  var next: UnsafeMutablePointer<ThreadCache>?
  var previous: UnsafeMutablePointer<ThreadCache>?

  /// Two cache lines, which processors fetch in pairs. A cache and its bins begin on one and fill it up, so that
  /// no other thread's words share one with them.
  static let line = 128
  static var byteCount: Int { (MemoryLayout<ThreadCache>.stride + line - 1) / line * line }

  init() {
    let bytes =
      (MemoryLayout<Bin>.stride * SizeClass.smallCount + Self.line - 1) / Self.line * Self.line
    bins = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.line)
      .bindMemory(to: Bin.self, capacity: SizeClass.smallCount)
    for index in 0..<SizeClass.smallCount {
      (bins + index).initialize(to: Bin(sizeClass: index))
    }
  }

  deinit {
    bins.deinitialize(count: SizeClass.smallCount)
    bins.deallocate()
  }

  /// The calling thread's cache, if it has one.
  @inline(__always)
  static var existing: UnsafeMutablePointer<ThreadCache>? {
    // SAFETY: the word is this file's; it is nil or what `make` put there on this same thread.
    tri_thread().pointee.memory?.assumingMemoryBound(to: ThreadCache.self)
  }

  /// A block from the current chain; nil when the long way must be taken.
  @inline(__always)
  func take(sizeClass: Int, byteCount: Int) -> FreeList? {
    let bin = bins + sizeClass
    guard let block = bin.pointee.current else { return nil }
    let change = unpublished.load(ordering: .relaxed) &+ byteCount
    guard change <= ceiling.load(ordering: .relaxed) else { return nil }
    bin.pointee.current = block.pointee.next
    bin.pointee.count.add(-1)
    unpublished.store(change, ordering: .relaxed)
    if change > highest.load(ordering: .relaxed) { highest.store(change, ordering: .relaxed) }
    allocations.add(1)
    return block
  }

  /// Puts a block back on the current chain; false when the long way must be taken.
  @inline(__always)
  func put(_ pointer: UnsafeMutableRawPointer, sizeClass: Int, byteCount: Int) -> Bool {
    let bin = bins + sizeClass
    let count = bin.pointee.count.load(ordering: .relaxed)
    let change = unpublished.load(ordering: .relaxed) &- byteCount
    guard count < bin.pointee.batch, change >= floor.load(ordering: .relaxed) else {
      return false
    }
    let block = pointer.asFreeBlock
    block.pointee.next = bin.pointee.current
    bin.pointee.current = block
    bin.pointee.count.store(count &+ 1, ordering: .relaxed)
    unpublished.store(change, ordering: .relaxed)
    releases.add(1)
    return true
  }
}

extension Atomic where Value == Int {
  /// Adds to a counter that only the calling thread writes: no locked instruction.
  @inline(__always)
  func add(_ change: Int) {
    // Relaxed: see `ThreadCache`.
    store(load(ordering: .relaxed) &+ change, ordering: .relaxed)
  }
}
