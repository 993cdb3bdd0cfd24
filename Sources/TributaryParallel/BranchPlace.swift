/// Where a branch stands among those that were begun together, as a fraction, in 65,536ths: work of the same place goes
/// to the same worker, in a team of any width.
///
/// What one call of `concurrentRun` does for an element, and later passes over what it made, then find their data in
/// that worker's cache: the weights of a network that one branch computes, say, in every step of a training. Only a
/// preference: whoever is idle takes any node.
package struct BranchPlace: Equatable, Sendable {
  /// 1 + the fraction; 0: none.
  package let word: Int32

  package init(word: Int32) { self.word = word }

  package init(_ index: Int, of count: Int) {
    word = count > 0 ? Int32(truncatingIfNeeded: 1 + (index << 16) / count) : 0
  }

  static let most = 1 << 16

  /// The worker of a team of `width` that takes it first; nil: whoever comes.
  @inline(__always)
  package func worker(of width: Int) -> Int? {
    word > 0 ? min((Int(word - 1) * width) >> 16, width - 1) : nil
  }
}
