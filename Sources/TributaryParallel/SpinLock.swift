import CTributaryShims
import Synchronization

/// A lock of one byte, for sections that call nothing of the user's and last some tens of nanoseconds as a rule.
///
/// A section may at times be longer (a heap's first pop walks all of its roots, an array grows): who waits then gives
/// its time slice away after some rounds, and is never put to sleep.
///
/// Not `Mutex`: it takes four bytes in every tensor and node, its release is a second read-modify-write, and
/// the thread sanitizer cannot see into it.
package struct SpinLock: ~Copyable, Sendable {
  // Acquiring when taken, releasing when given back: what the lock guards is plain memory.
  @usableFromInline let held = Atomic<Bool>(false)

  // Inlinable, for each recorded operator takes one or two.
  @inlinable package init() {}

  @inlinable @inline(__always)
  package borrowing func lock() {
    if !held.exchange(true, ordering: .acquiring) { return }
    lockSlowly()
  }

  @usableFromInline @inline(never)
  borrowing func lockSlowly() {
    var rounds = 0
    while true {
      // Relaxed: only a look; the exchange decides.
      while held.load(ordering: .relaxed) {
        rounds += 1
        // The holder may have been preempted, with more threads than cores.
        if rounds < 64 { tri_cpu_pause() } else { tri_yield() }
      }
      if !held.exchange(true, ordering: .acquiring) { return }
    }
  }

  @inlinable @inline(__always)
  package borrowing func unlock() { held.store(false, ordering: .releasing) }
}
