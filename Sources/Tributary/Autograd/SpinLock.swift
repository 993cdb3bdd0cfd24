import CTributaryShims
import Synchronization

/// A lock of one byte, for sections of a few instructions that call nothing of the user's.
///
/// `Mutex` would do, at four bytes and two calls; a node has one of these on a path that each backward
/// pass takes.
package struct SpinLock: ~Copyable, Sendable {
  private let taken = Atomic<Bool>(false)

  package init() {}

  @inline(__always)
  package borrowing func lock() {
    // Acquiring: what the last holder wrote is seen from here on.
    while taken.exchange(true, ordering: .acquiring) {
      // Relaxed: only a look; the exchange above decides.
      while taken.load(ordering: .relaxed) { tri_cpu_pause() }
    }
  }

  @inline(__always)
  package borrowing func unlock() {
    // Releasing: what was written under the lock is seen by the next holder.
    taken.store(false, ordering: .releasing)
  }
}
