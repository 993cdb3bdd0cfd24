/// What a free block holds in its own first bytes: lists of free memory need no other memory, so
/// freeing cannot fail.
///
/// A chain is a list of blocks through `next`; a list of chains goes through `nextChain` of their
/// first blocks, whose `count` says how many blocks the chain has.
struct FreeBlock {
  var next: UnsafeMutablePointer<FreeBlock>?
  var nextChain: UnsafeMutablePointer<FreeBlock>?
  var count: Int
}

typealias FreeList = UnsafeMutablePointer<FreeBlock>

extension UnsafeMutableRawPointer {
  /// SAFETY: a block is at least 64 bytes, aligned to 64, and belongs to nobody while it is free.
  @inline(__always)
  var asFreeBlock: FreeList { assumingMemoryBound(to: FreeBlock.self) }
}
