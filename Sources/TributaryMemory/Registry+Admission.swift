import Synchronization

/// How an allocation is counted: asked for, made, and then settled or withdrawn.
extension Registry {
  enum Admission {
    case refused(live: Int, limit: Int)
    /// Counted as live.
    case counted
    /// To be counted as live once it is made.
    case uncounted
  }

  /// Counts `byteCount` more live bytes, or says by the live bytes found that a limit forbids it.
  ///
  /// Far from the limit (every thread's unpublished bytes twice over still fit) no exact count is
  /// made. Near it the count is made under the lock, so that the limit holds to within one block
  /// below 64 KiB for each thread that allocates at the same moment.
  ///
  /// Above `ThreadCache.step` the peak is left to `settle`, for the system may yet refuse the memory, and a peak
  /// is not taken back. Without a limit the whole count is.
  func admit(_ byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>) -> Admission {
    let limit = limit.load(ordering: .relaxed)
    guard limit != Int.max else {
      if byteCount > ThreadCache.step { return .uncounted }
      cache.pointee.count(byteCount)
      return .counted
    }
    let margin = threads.load(ordering: .relaxed) * 2 * ThreadCache.step
    var shared = published.load(ordering: .relaxed)
    while shared + margin + byteCount <= limit {
      if byteCount <= ThreadCache.step {
        cache.pointee.count(byteCount)
        return .counted
      }
      // A large block is told at once, so that two of them see each other.
      let (exchanged, found) = published.compareExchange(
        expected: shared, desired: shared + byteCount, ordering: .relaxed)
      if exchanged { return .counted }
      shared = found
    }
    return lock.with {
      while true {
        let shared = published.load(ordering: .relaxed)
        let live = mergedWhileLocked().live
        guard live + byteCount <= limit else { return .refused(live: live, limit: limit) }
        let (exchanged, _) = published.compareExchange(
          expected: shared, desired: shared + byteCount, ordering: .relaxed)
        if exchanged {
          if byteCount <= ThreadCache.step { raisePeak(to: live + byteCount) }
          return .counted
        }
      }
    }
  }

  /// The memory that was admitted has been made.
  func settle(
    _ admission: Admission, _ byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>
  ) {
    guard byteCount > ThreadCache.step else { return }
    let own = cache.pointee.unpublished.load(ordering: .relaxed)
    let highest = cache.pointee.highest.load(ordering: .relaxed)
    // Of the addition itself: another thread may free as much before a look.
    let shared =
      if case .uncounted = admission {
        published.wrappingAdd(byteCount, ordering: .relaxed).newValue
      } else {
        published.load(ordering: .relaxed)
      }
    // The thread's highest point was before this block, its present one is with it.
    raisePeak(to: shared + max(own, highest - byteCount))
    cache.pointee.highest.store(own, ordering: .relaxed)
  }

  /// The system refused the memory that was admitted.
  func withdraw(
    _ admission: Admission, _ byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>
  ) {
    guard case .counted = admission else { return }
    if byteCount <= ThreadCache.step {
      cache.pointee.count(-byteCount)
    } else {
      // Not by `count`, which would take the bytes for a peak.
      published.wrappingSubtract(byteCount, ordering: .relaxed)
    }
  }
}
