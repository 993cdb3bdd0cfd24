import Synchronization
import TestTools

/// Raised once, seen by all.
final class Flag: Sendable {
  // Relaxed: it hands nothing over.
  private let raised = Atomic<Bool>(false)

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }

  func wait(seconds: UInt64) {
    let start = nanosecondsNow()
    while !isRaised, nanosecondsNow() - start < seconds * 1_000_000_000 { yieldThread() }
  }
}
