import CTributaryShims
import Synchronization

/// Numbers of backward passes, by which a pass knows the nodes that it has claimed.
package enum PassNumber {
  /// A thread draws its numbers from blocks of this many, so that small passes on many threads do not
  /// all write one word. Not more, for what is left of a block is lost when its thread ends.
  private static let blockSize: UInt32 = 64
  // Relaxed: only the numbers' difference matters. 0 means no pass.
  private static let nextBlock = Atomic<UInt32>(blockSize)

  /// A number that no live pass has.
  ///
  /// They come again after 2³² passes, or 2²⁶ threads that each began one: a claim lasts as long as its pass, so
  /// one pass would have to live through all of these.
  package static func next() -> UInt32 {
    let state = tri_thread()
    var number = UInt32(truncatingIfNeeded: state.pointee.next_pass)
    if number % blockSize == 0 {
      number = nextBlock.wrappingAdd(blockSize, ordering: .relaxed).oldValue
      if number == 0 { number = 1 }
    }
    state.pointee.next_pass = UInt64(number &+ 1)
    return number
  }
}
