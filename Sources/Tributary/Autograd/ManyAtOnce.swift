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
    // A thread of its own for want of stack costs more than the work.
    if count < leastConcurrent || tri_stack_is_low() { return try body(0..<count) }
    let parts = (count + elementsPerPart - 1) / elementsPerPart
    var options = PassOptions()
    options.nanoseconds = Double(count) * nanosecondsPerElement
    let outcome = concurrentRun(count: parts, on: .current, options: options) { part in
      let first = part * elementsPerPart
      try body(first..<min(first + elementsPerPart, count))
    }
    switch outcome {
    case .completed: return
    case .failed(_, let error): throw TensorError.wrapping(error, "step")
    // Without workers, or without stack for them, nothing has begun: the caller does it.
    case .cancelled, .forked, .incomplete, .nestedTooDeeply: try body(0..<count)
    }
  }

  /// As the other, for work that cannot fail.
  package static func run(count: Int, _ body: (Range<Int>) -> Void) {
    // Nothing that is thrown is lost, for nothing is thrown.
    try? run(count: count) { (range) throws(TensorError) in body(range) }
  }
}
