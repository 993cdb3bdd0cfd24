import CTributaryShims
import Synchronization

/// Numbers of nodes, by which a walk over a graph looks up what it knows of them (``NodeMarks``). Nothing is ordered by
/// them: branches that are recorded concurrently get them in any order.
package enum NodeNumber {
  /// A thread draws its numbers from blocks of this many, so that threads do not all write one word, and so that nodes
  /// recorded one after the other have neighbouring numbers. What is left of a block is lost when its thread ends.
  package static let blockSize: UInt64 = 16
  // Relaxed: only that no block is given twice matters.
  private static let nextBlock = Atomic<UInt64>(blockSize)

  /// A number that no other node has had.
  @inline(__always)
  package static func next() -> UInt64 {
    let state = tri_thread()
    var number = state.pointee.next_node
    if number % blockSize == 0 { number = block() }
    state.pointee.next_node = number + 1
    return number
  }

  @inline(never)
  private static func block() -> UInt64 {
    nextBlock.wrappingAdd(blockSize, ordering: .relaxed).oldValue
  }
}
