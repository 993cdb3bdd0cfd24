import Synchronization

/// A word that any thread may raise to end a pass at once. Raised once, it stays raised.
package final class CancellationFlag: Sendable {
  // Relaxed on both sides: the flag carries no data, and a worker that sees it one node late is legal.
  private let raised = Atomic<Bool>(false)

  package init() {}

  package var isCancelled: Bool { raised.load(ordering: .relaxed) }

  package func cancel() { raised.store(true, ordering: .relaxed) }
}
