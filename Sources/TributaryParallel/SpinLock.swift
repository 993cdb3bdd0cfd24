import CTributaryShims
import Synchronization

/// A lock for sections of some tens of nanoseconds that call nothing.
///
/// Not `Mutex`: its release is a second read-modify-write, and the thread sanitizer cannot see into it.
struct SpinLock: ~Copyable {
  // Acquire when taken, release when given back: what the lock guards is plain memory.
  private let held = Atomic<Bool>(false)

  @inline(__always)
  borrowing func lock() {
    if !held.exchange(true, ordering: .acquiring) { return }
    lockSlowly()
  }

  @inline(never)
  private borrowing func lockSlowly() {
    var rounds = 0
    while true {
      while held.load(ordering: .relaxed) {
        rounds += 1
        // The holder may have been preempted, with more threads than cores.
        if rounds < 64 { tri_cpu_pause() } else { tri_yield() }
      }
      if !held.exchange(true, ordering: .acquiring) { return }
    }
  }

  @inline(__always)
  borrowing func unlock() { held.store(false, ordering: .releasing) }
}
