import CTributaryShims
import TributaryParallel

/// Short work on each element of a long list, several elements at once: locks, references and words that lie in other
/// cores' caches, each of which a thread waits for.
///
/// Not a loop of tiles: such work takes locks, which a thread that waits for its loop may hold.
package enum ManyAtOnce {
  /// Fewer are not worth handing over.
  private static let leastConcurrent = 96
  /// 100 to 400 from another core's cache, less from the own one.
  private static let nanosecondsPerElement = 100.0
  private static let elementsPerPart = 32

  /// Calls `body` with ranges that together cover `0 ..< count` once.
  ///
  /// - Throws: what `body` throws for the lowest range; it throws at the lowest element of its range that is at fault.
  ///   Elements after that one may or may not have had their turn.
  package static func run(
    count: Int, _ body: (Range<Int>) throws(TensorError) -> Void
  ) throws(TensorError) {
    if count < leastConcurrent { return try body(0..<count) }
    let parts = (count + elementsPerPart - 1) / elementsPerPart
    try run(parts: parts, nanoseconds: Double(count) * nanosecondsPerElement) {
      (part) throws(TensorError) in
      let first = part * elementsPerPart
      try body(first..<min(first + elementsPerPart, count))
    }
  }

  /// Calls `body` once for each of `0 ..< parts`, which together are estimated at `nanoseconds`.
  ///
  /// Each part goes to the same worker in every run, and to the one that has computed with its elements where branches
  /// were recorded concurrently (`BranchPlace`). Little work summons nobody.
  ///
  /// - Throws: what `body` throws for the lowest part.
  package static func run(
    parts: Int, nanoseconds: Double, _ body: (Int) throws(TensorError) -> Void
  ) throws(TensorError) {
    // A thread of its own for want of stack costs more than the work.
    if parts > 1, !tri_stack_is_low() {
      var options = PassOptions()
      options.nanoseconds = nanoseconds
      switch concurrentRun(count: parts, on: .current, options: options, body: body) {
      case .completed: return
      case .failed(_, let error): throw TensorError.wrapping(error, "step")
      // Without workers nothing has begun: the caller does it.
      case .cancelled, .forked, .incomplete, .nestedTooDeeply: break
      }
    }
    for part in 0..<parts { try body(part) }
  }

  // As the others, for work that cannot fail. Nothing that is thrown is lost, for nothing is thrown.

  package static func run(count: Int, _ body: (Range<Int>) -> Void) {
    try? run(count: count) { (range) throws(TensorError) in body(range) }
  }

  package static func run(parts: Int, nanoseconds: Double, _ body: (Int) -> Void) {
    try? run(parts: parts, nanoseconds: nanoseconds) { (part) throws(TensorError) in body(part) }
  }
}
