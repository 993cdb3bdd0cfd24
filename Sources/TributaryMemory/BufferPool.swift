import CTributaryShims
import Glibc
import Synchronization
import TributaryParallel

/// Freed memory, kept by size and handed out again; the counts; the limit.
///
/// Blocks up to 256 KiB are kept by the thread that frees them and pass to other threads in batches;
/// larger ones are kept centrally. Safe to call from any thread.
package enum BufferPool {
  // MARK: Counts

  /// The counts of all threads, merged. Exact when no thread allocates or frees meanwhile, but for
  /// the peak, which may miss up to 64 KiB for each further thread (but see ``countExactly(_:)``).
  package static var statistics: MemoryStatistics {
    let registry = Registry.shared
    let totals = registry.merged()
    let highest = totals.live + totals.rise
    return MemoryStatistics(
      liveBytes: totals.live, liveBuffers: totals.buffers,
      peakLiveBytes: max(registry.peak.load(ordering: .relaxed), highest),
      peakTensorBytes: max(
        registry.tensorPeak.load(ordering: .relaxed),
        highest - registry.working.load(ordering: .relaxed)),
      hits: totals.allocations - totals.misses, misses: totals.misses,
      cachedBytes: totals.cached + CentralPool.shared.cached.load(ordering: .relaxed))
  }

  /// Live bytes, off by up to 64 KiB for each thread; one load.
  package static var approximateLiveBytes: Int {
    // Relaxed: a sum, through which nothing is published.
    Registry.shared.published.load(ordering: .relaxed)
  }

  /// The memory that the process may use: the machine's, or less where a control group grants less.
  package static var machineBytes: Int { MemoryQuota.current }

  /// From here on the peak is of what is live now and later.
  package static func resetPeak() { Registry.shared.resetPeak() }

  /// Whether every thread tells each change of its live bytes at once, so that the peak misses nothing with any number of
  /// them but what others make or free at that very moment: for measurements, for then all write one word at each tensor.
  package static func countExactly(_ exactly: Bool) { Registry.shared.setExact(exactly) }

  // MARK: Limits

  /// The most bytes that live buffers may have together, as they were asked for; nil: no limit. Past it
  /// allocation throws `outOfMemory`. Free memory that is kept centrally gives way: it is given back as far
  /// as live and free bytes together would pass the limit. Not counted is what threads keep (some MiB each),
  /// and by how much blocks are larger than was asked for (a quarter at most, or up to a whole number of tiles).
  ///
  /// Not meant for the middle of a hot loop: under a limit, small allocations take a longer way
  /// (some 20 ns more), and within a few blocks of it they are counted under a lock.
  package static var limit: Int? {
    let limit = Registry.shared.limit.load(ordering: .relaxed)
    return limit == Int.max ? nil : limit
  }

  package static func setLimit(bytes: Int?) { Registry.shared.setLimit(bytes.map { max($0, 0) }) }

  /// The most free bytes that are kept centrally; by default a quarter of `machineBytes`. Each
  /// thread keeps some MiB of small blocks of its own besides.
  package static var cacheBound: Int { CentralPool.shared.bound.load(ordering: .relaxed) }

  package static func setCacheBound(bytes: Int) {
    let pool = CentralPool.shared
    pool.bound.store(max(bytes, 0), ordering: .relaxed)
    pool.trim(atLeast: pool.cached.load(ordering: .relaxed) - max(bytes, 0))
  }

  /// Gives free memory back to the system, and returns the number of bytes given back. Other threads
  /// give up the small blocks that they keep when they next run short of some.
  @discardableResult
  package static func trim() -> Int {
    Registry.shared.requestFlushes()
    if let cache = ThreadCache.existing { ThreadCache.flushIfAsked(cache) }
    return CentralPool.shared.trim()
  }

  /// Whether fresh large blocks ask for huge pages (`madvise`). On at first, unless the environment
  /// variable TRIBUTARY_HUGE_PAGES is 0, off, no or false.
  package static var hugePages: Bool { CentralPool.shared.hugePages.load(ordering: .relaxed) }

  package static func setHugePages(_ on: Bool) {
    CentralPool.shared.hugePages.store(on, ordering: .relaxed)
  }

  /// Runs `body` with every lock of the pool held: what it does with warm small buffers takes none.
  package static func withLocksHeld<Result>(_ body: () -> Result) -> Result {
    Registry.shared.lockEverything()
    defer { Registry.shared.unlockEverything() }
    return body()
  }

  // MARK: The long way

  /// Past any address space, and so far from `Int.max` that no sum overflows.
  static let largestByteCount = 1 << 47

  @inline(never)
  static func allocateSlowly(
    byteCount: Int, placement: Placement
  ) throws(MemoryError) -> TiledBuffer {
    guard byteCount >= 0, byteCount <= largestByteCount else {
      throw .tooLarge(requested: byteCount)
    }
    let registry = Registry.shared
    guard let cache = registry.cache() else {
      throw .outOfMemory(requested: byteCount, live: registry.merged().live, limit: nil)
    }
    ThreadCache.flushIfAsked(cache)
    let admission = registry.admit(byteCount, cache)
    if case .refused(let live, let limit) = admission {
      throw .outOfMemory(requested: byteCount, live: live, limit: limit)
    }
    let isSmall = byteCount <= SizeClass.mediumLimit
    guard
      let found = isSmall
        ? block(byteCount: byteCount, cache)
        : tiles(byteCount: byteCount, placement: placement, cache)
    else {
      registry.withdraw(admission, byteCount, cache)
      throw .outOfMemory(requested: byteCount, live: registry.merged().live, limit: nil)
    }
    registry.settle(admission, byteCount, cache)
    cache.pointee.allocations.add(1)
    return found
  }

  private static func block(
    byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>
  ) -> TiledBuffer? {
    let sizeClass = SizeClass.index(of: byteCount)
    let cached =
      sizeClass < SizeClass.smallCount
      ? cache.pointee.refillAndTake(sizeClass: sizeClass)
      : CentralPool.shared.takeChain(sizeClass: sizeClass)
    if let cached { return .made(of: cached, byteCount: byteCount, sizeClass: sizeClass) }
    makeRoomUnderLimit(SizeClass.byteCount(of: sizeClass), cache)
    guard let block = fresh({ SystemMemory.block(sizeClass: sizeClass) }) else { return nil }
    cache.pointee.misses.add(1)
    return TiledBuffer(base: block, byteCount: byteCount, origin: .init(block: sizeClass))
  }

  private static func tiles(
    byteCount: Int, placement: Placement, _ cache: UnsafeMutablePointer<ThreadCache>
  ) -> TiledBuffer? {
    let topology = Topology.current
    let placed = TilePlacement(placement, byteCount: byteCount, topology: topology) {
      Int(tri_current_core())
    }
    let tiles = TileMap.tileCount(byteCount: byteCount)
    var origin = TiledBuffer.Origin(
      sizeClass: TiledBuffer.Origin.large, key: placed.key, tiles: Int32(tiles))
    if let (base, tiles) = CentralPool.shared.takeLarge(key: Int(placed.key), tiles: tiles) {
      origin.tiles = Int32(tiles)
      return TiledBuffer(base: base, byteCount: byteCount, origin: origin)
    }
    makeRoomUnderLimit(tiles * SystemMemory.hugePage, cache)
    guard let base = fresh({ SystemMemory.tiles(tiles, hugePages: hugePages) }) else { return nil }
    cache.pointee.misses.add(1)
    placed.place(base, tiles: tiles, topology: topology)
    return TiledBuffer(base: base, byteCount: byteCount, origin: origin)
  }

  /// Under a limit, free memory gives way to live memory. The new block is already counted as live.
  private static func makeRoomUnderLimit(
    _ byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>
  ) {
    guard let limit else { return }
    let live =
      Registry.shared.published.load(ordering: .relaxed)
      + cache.pointee.unpublished.load(ordering: .relaxed)
    let excess = live + CentralPool.shared.cached.load(ordering: .relaxed) - limit
    if excess > 0 { CentralPool.shared.trim(atLeast: excess) }
  }

  /// Memory from the system; when it has none, once more after everything free was given back.
  private static func fresh(_ make: () -> UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let pointer = make() { return pointer }
    guard trim() > 0 else { return nil }
    return make()
  }

  @inline(never)
  static func releaseSlowly(
    _ base: UnsafeMutableRawPointer, byteCount: Int, origin: TiledBuffer.Origin
  ) {
    let sizeClass = Int(origin.sizeClass)
    let cache = Registry.shared.cache()
    if sizeClass < 0 {
      CentralPool.shared.putLarge(base, key: Int(origin.key), tiles: Int(origin.tiles))
    } else if sizeClass < SizeClass.smallCount, let cache {
      ThreadCache.flushIfAsked(cache)
      cache.pointee.putSlowly(base, sizeClass: sizeClass)
    } else {
      let chain = base.asFreeBlock
      chain.initialize(to: FreeBlock(next: nil, nextChain: nil, count: 1))
      CentralPool.shared.putChain(chain, sizeClass: sizeClass)
    }
    guard let cache else { return Registry.shared.releaseWithoutCache(byteCount: byteCount) }
    cache.pointee.releases.add(1)
    cache.pointee.count(-byteCount)
  }
}
