import CTributaryShims
import Synchronization

/// Where a branch stands among those that were begun together, as a fraction: work of the same place goes to the same
/// worker, in a team of any width.
///
/// What one call of `concurrentRun` does for an element, and later passes over what it made, then find their data in
/// that worker's cache: the weights of a network that one branch computes, say, in every step of a training. Only a
/// preference: whoever is idle takes any node.
package struct BranchPlace: Equatable, Sendable {
  /// 1 + the fraction in 65,535ths; 0: none.
  package let word: UInt16

  package init(word: UInt16) { self.word = word }

  /// The middle of the element's part: with as many workers as elements each has one.
  package init(_ index: Int, of count: Int) {
    let middle = (Double(index) + 0.5) / Double(max(count, 1))
    word = 1 + UInt16(min(max(middle, 0), 1) * 65_534)
  }

  /// The worker of a team of `width` that takes it first; nil: whoever comes.
  @inline(__always)
  package func worker(of width: Int) -> Int? {
    word > 0 ? Int(word - 1) * width / 65_535 : nil
  }

  /// Of no branch.
  static let none = BranchPlace(word: 0)

  // Relaxed: who misses it looks for no places, once.
  private static let areUsed = Atomic<Bool>(false)

  /// Whether any branch of a `concurrentMap` was ever recorded: graphs need not be looked through for places before.
  package static var isUsed: Bool { areUsed.load(ordering: .relaxed) }

  /// Runs `body`; what the thread records meanwhile has this place (`current`).
  package func during<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    if !Self.isUsed { Self.areUsed.store(true, ordering: .relaxed) }
    let thread = tri_thread()
    let outer = thread.pointee.branch
    thread.pointee.branch = word
    defer { thread.pointee.branch = outer }
    return try body()
  }

  /// Of what the calling thread records now.
  @inline(__always)
  package static var current: BranchPlace { BranchPlace(word: tri_thread().pointee.branch) }
}

/// The branches of a pass's nodes. Not a closure: a call counts references to it, and all threads would write that word
/// at every node.
package enum BranchPlaces {
  /// Nobody says: all stay with whoever made them ready.
  case none
  /// Node i is branch i of so many.
  case inOrder(of: Int)
  /// By node; valid as long as the pass.
  case each(UnsafePointer<BranchPlace>)

  @inline(__always)
  subscript(node: Int) -> BranchPlace {
    switch self {
    case .none: .none
    case .inOrder(let count): BranchPlace(node, of: count)
    // SAFETY: one for each node of the pass.
    case .each(let places): places[node]
    }
  }
}
