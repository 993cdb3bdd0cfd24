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

/// Behind these words lies the object of the buffer that had the block, which the next buffer gets with it; nil where it
/// was freed.
extension FreeList {
  /// Of a block that becomes free.
  @inline(__always)
  func keep(_ object: consuming TiledBuffer?) {
    // Moved in and out: an assignment would count references.
    place.initializeMemory(as: TiledBuffer?.self, to: object)
  }

  @inline(__always)
  func takeObject() -> TiledBuffer? { place.assumingMemoryBound(to: TiledBuffer?.self).move() }

  // SAFETY: 32 of the 64 bytes or more that a block has; every block that is free has been through `keep`.
  @inline(__always)
  private var place: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self + 1) }
}
