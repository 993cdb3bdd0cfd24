import CTributaryShims
import Glibc
import Synchronization

/// All threads' caches, the published totals, and what threads left behind when they ended.
///
/// Locks: `lock` protects the list of caches and `retired`; each central list has its own; none is
/// ever taken while another is held, except by `fork`, which takes them all in one order.
final class Registry: @unchecked Sendable {
  static let shared = Registry()

  struct Totals {
    var live = 0
    var buffers = 0
    var misses = 0
    var allocations = 0
    var cached = 0
    /// The most by which one thread's unpublished bytes stood above their present value.
    var rise = 0
  }

  let lock = PoolLock()
  // SAFETY: the list and the totals below are read and written under `lock` only.
  private var first: UnsafeMutablePointer<ThreadCache>?
  private var retired = Totals()

  /// Live bytes, as far as threads have told. Relaxed throughout: a sum, through which nothing else
  /// is published.
  let published = Atomic<Int>(0)
  /// Whether threads tell all changes at once. Changed under `lock`; relaxed, a setting as the limit is.
  let isExact = Atomic<Bool>(false)
  let peak = Atomic<Int>(0)
  /// Of the live bytes, what `WorkingMemory` has counted; and the peak of the others.
  let working = Atomic<Int>(0)
  let tensorPeak = Atomic<Int>(0)
  /// The limit on live bytes; `Int.max` when there is none. Relaxed: a setting, not a signal.
  let limit = Atomic<Int>(Int.max)
  /// How many caches there are, for the margin below which a limit need not be counted exactly.
  let threads = Atomic<Int>(0)

  private init() {
    // In a child only the thread that forked lives on; the locks that others held are made anew,
    // and taking all of them before the fork keeps what they protect whole. (A fork while another
    // thread makes the process's very first buffer comes too early for this: Swift's own guard of
    // this initialiser would stay closed in the child.)
    _ = CentralPool.shared
    pthread_atfork(
      { Registry.shared.lockEverything() },
      { Registry.shared.unlockEverything() },
      {
        CentralPool.shared.renewLocks()
        Registry.shared.lock.renew()
      })
  }

  func lockEverything() {
    lock.lock()
    CentralPool.shared.lockAll()
  }

  func unlockEverything() {
    CentralPool.shared.unlockAll()
    lock.unlock()
  }

  /// The calling thread's cache, made if need be; nil when there is no memory for it.
  func cache() -> UnsafeMutablePointer<ThreadCache>? {
    if let cache = ThreadCache.existing { return cache }
    guard let memory = aligned_alloc(ThreadCache.line, ThreadCache.byteCount) else { return nil }
    // SAFETY: fresh bytes, no fewer than a cache has, aligned to a line; initialised at once, freed in `retire`.
    let cache = memory.bindMemory(to: ThreadCache.self, capacity: 1)
    cache.initialize(to: ThreadCache())
    lock.with {
      setBounds(cache)
      cache.pointee.next = first
      first?.pointee.previous = cache
      first = cache
      threads.store(threads.load(ordering: .relaxed) + 1, ordering: .relaxed)
      // Under the lock: it stores one handler for the process.
      tri_thread_on_exit { memory in
        guard let memory else { return }
        // SAFETY: what was stored in `tri_thread().memory` below: a thread's initialised cache.
        Registry.shared.retire(memory.assumingMemoryBound(to: ThreadCache.self))
      }
    }
    tri_thread().pointee.memory = memory
    return cache
  }

  /// A thread ends: its blocks go to the central lists, its counts to `retired`.
  private func retire(_ cache: UnsafeMutablePointer<ThreadCache>) {
    tri_thread().pointee.memory = nil
    cache.pointee.giveBackAll()
    lock.with {
      published.wrappingAdd(cache.pointee.unpublished.load(ordering: .relaxed), ordering: .relaxed)
      add(cache, to: &retired)
      retired.live = 0
      retired.cached = 0
      retired.rise = 0
      if let previous = cache.pointee.previous {
        previous.pointee.next = cache.pointee.next
      } else {
        first = cache.pointee.next
      }
      cache.pointee.next?.pointee.previous = cache.pointee.previous
      threads.store(threads.load(ordering: .relaxed) - 1, ordering: .relaxed)
    }
    cache.deinitialize(count: 1)
    free(cache)
  }

  private func add(_ cache: UnsafeMutablePointer<ThreadCache>, to totals: inout Totals) {
    let unpublished = cache.pointee.unpublished.load(ordering: .relaxed)
    let allocations = cache.pointee.allocations.load(ordering: .relaxed)
    totals.live += unpublished
    totals.allocations += allocations
    totals.buffers += allocations - cache.pointee.releases.load(ordering: .relaxed)
    totals.misses += cache.pointee.misses.load(ordering: .relaxed)
    totals.rise = max(
      totals.rise, cache.pointee.highest.load(ordering: .relaxed) - unpublished)
    totals.cached += ThreadCache.cachedBytes(cache)
  }

  /// The merged counts. The caller holds `lock`.
  func mergedWhileLocked() -> Totals {
    var totals = retired
    var cache = first
    while let current = cache {
      add(current, to: &totals)
      cache = current.pointee.next
    }
    totals.live += published.load(ordering: .relaxed)
    return totals
  }

  func merged() -> Totals { lock.with { mergedWhileLocked() } }

  /// A buffer was freed on a thread that could not make a cache.
  func releaseWithoutCache(byteCount: Int) {
    published.wrappingSubtract(byteCount, ordering: .relaxed)
    lock.with { retired.buffers -= 1 }
  }

  func raisePeak(to bytes: Int) {
    peak.max(bytes, ordering: .relaxed)
    tensorPeak.max(bytes - working.load(ordering: .relaxed), ordering: .relaxed)
  }

  func resetPeak() {
    lock.with {
      forEachCache {
        $0.pointee.highest.store(
          $0.pointee.unpublished.load(ordering: .relaxed), ordering: .relaxed)
      }
      let live = mergedWhileLocked().live
      peak.store(live, ordering: .relaxed)
      tensorPeak.store(live - working.load(ordering: .relaxed), ordering: .relaxed)
    }
  }

  func setLimit(_ bytes: Int?) {
    lock.with {
      limit.store(bytes ?? Int.max, ordering: .relaxed)
      forEachCache(setBounds)
    }
  }

  func setExact(_ exact: Bool) {
    lock.with {
      isExact.store(exact, ordering: .relaxed)
      forEachCache(setBounds)
    }
  }

  /// How far a cache may go the short way. The caller holds `lock`.
  private func setBounds(_ cache: UnsafeMutablePointer<ThreadCache>) {
    let exact = isExact.load(ordering: .relaxed)
    let isTight =
      exact || limit.load(ordering: .relaxed) != Int.max
      || cache.pointee.wantsFlush.load(ordering: .relaxed)
    cache.pointee.ceiling.store(isTight ? Int.min : ThreadCache.step, ordering: .relaxed)
    cache.pointee.floor.store(exact ? Int.max : -ThreadCache.step, ordering: .relaxed)
  }

  /// Asks every other thread to empty its cache when it next comes by the long way.
  func requestFlushes() {
    lock.with {
      forEachCache {
        $0.pointee.wantsFlush.store(true, ordering: .relaxed)
        setBounds($0)
      }
    }
  }

  /// After a flush: the short way again, if no limit stands against it.
  func restoreCeiling(_ cache: UnsafeMutablePointer<ThreadCache>) {
    lock.with { setBounds(cache) }
  }

  /// The caller holds `lock`.
  private func forEachCache(_ body: (UnsafeMutablePointer<ThreadCache>) -> Void) {
    var cache = first
    while let current = cache {
      body(current)
      cache = current.pointee.next
    }
  }
}
