import Synchronization

/// Counts how many threads were inside a region at once; for tests.
package final class PeakTracker: Sendable {
  // Relaxed: counts with which no data goes; who reads one while threads are inside may see it late.
  private let inside = Atomic<Int>(0)
  private let highest = Atomic<Int>(0)

  package init() {}

  /// The largest number of threads that were inside at the same time.
  package var peak: Int { highest.load(ordering: .relaxed) }

  package func enter() {
    let now = inside.wrappingAdd(1, ordering: .relaxed).newValue
    highest.max(now, ordering: .relaxed)
  }

  package func leave() { inside.wrappingSubtract(1, ordering: .relaxed) }
}
