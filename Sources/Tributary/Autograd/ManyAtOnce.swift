import TributaryParallel

/// Short work on each element of a long list, several elements at once: locks, references and words that lie in other
/// cores' caches, each of which a thread waits for.
///
/// Not a loop of tiles: such work takes locks, which a thread that waits for its loop may hold.
package enum ManyAtOnce {
  /// An element takes 100 to 400 ns: fewer than these are not worth other threads.
  private static let leastConcurrent = 96
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
    let outcome = concurrentRun(count: parts, on: .current) { part in
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
