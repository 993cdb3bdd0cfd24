import CTributaryShims
import Glibc
import Synchronization

/// A range of memory that tensors share: aligned to 64 bytes, never nil, uninitialised.
///
/// One heap object, whose data come from the pool. (Data inside the object was tried: one at a time,
/// some 40 ns faster up to 400 bytes; but with a thousand alive at once, as in a recorded graph, four
/// times slower at 400 bytes and over twenty at 4 KiB, for malloc merges what is freed.)
///
/// The object of a small block stays with it in the pool and comes back with it (``giveUp(_:)``). So nobody may have a weak or
/// unowned reference to one: it would lead to the next owner's.
package final class TiledBuffer: Sendable {
  /// Where the memory came from, and so where it goes.
  @usableFromInline
  struct Origin: Sendable {
    /// A size class, or one of the marks below.
    @usableFromInline var sizeClass: Int16
    /// Of large blocks: which nodes the tiles lie on.
    var key: Int16 = 0
    /// Of large blocks: how many tiles there are.
    var tiles: Int32 = 0

    static let large: Int16 = -1
    @usableFromInline static var adopted: Int16 { -2 }
    /// Of an object whose block is the pool's again.
    static let none: Int16 = -3

    /// Whether threads keep such blocks.
    @inline(__always)
    var isSmall: Bool { sizeClass >= 0 && sizeClass < SizeClass.smallCount }
  }

  /// The first byte, 64-byte aligned, never nil (also when `byteCount` is 0). Adopted memory has the
  /// alignment that its owner gave it.
  // SAFETY: the pointer never changes and is valid until deinit; who may write through it when is
  // the tensor layer's to see to, as for every shared array.
  package nonisolated(unsafe) let base: UnsafeMutableRawPointer
  // Changed where nobody else has the object: when it comes back with a free block.
  @exclusivity(unchecked) package private(set) nonisolated(unsafe) var byteCount: Int
  /// In-place writes so far; all views of the buffer share it.
  package let writeCount = Atomic<Int>(0)
  // Changed where nobody else has the object: when its block goes back to the system.
  @exclusivity(unchecked) @usableFromInline nonisolated(unsafe) private(set) var origin: Origin
  /// Whether the memory is somebody else's, who may have it read-only.
  // Inlinable: a call would count a reference to the buffer.
  @inlinable package var isAdopted: Bool { origin.sizeClass == Origin.adopted }
  private let owner: (any AnyObject & Sendable)?

  @inline(__always)
  init(
    base: UnsafeMutableRawPointer, byteCount: Int, origin: Origin,
    owner: (any AnyObject & Sendable)? = nil
  ) {
    self.base = base
    self.byteCount = byteCount
    self.origin = origin
    self.owner = owner
  }

  /// A buffer of `byteCount` uninitialised bytes.
  ///
  /// Up to 256 KiB, once the thread's cache is warm: no lock, no shared write, and no malloc. Above
  /// 1.75 MiB the memory is a whole number of tiles, placed by `placement`.
  package static func allocate(
    byteCount: Int, placement: Placement = .automatic
  ) throws(MemoryError) -> TiledBuffer {
    // Unsigned, so that a negative size takes the long way, where it is refused.
    if UInt(bitPattern: byteCount) <= UInt(SizeClass.smallLimit), let cache = ThreadCache.existing {
      let sizeClass = SizeClass.index(of: byteCount)
      if let block = cache.pointee.take(sizeClass: sizeClass, byteCount: byteCount) {
        return made(of: block, byteCount: byteCount, sizeClass: sizeClass)
      }
    }
    return try BufferPool.allocateSlowly(byteCount: byteCount, placement: placement)
  }

  /// Of a block that was free, with the object that it kept.
  @inline(__always)
  static func made(of block: FreeList, byteCount: Int, sizeClass: Int) -> TiledBuffer {
    if let buffer = block.takeObject() {
      buffer.byteCount = byteCount
      // Relaxed: nobody else has the object.
      buffer.writeCount.store(0, ordering: .relaxed)
      return buffer
    }
    let origin = Origin(block: sizeClass)
    var base = UnsafeMutableRawPointer(block)
    if tri_is_thread_sanitized, origin.isSmall {
      base = tri_renewed(base, SizeClass.byteCount(of: sizeClass))
    }
    return TiledBuffer(base: base, byteCount: byteCount, origin: origin)
  }

  /// Gives up a reference. If it is the last, the object stays with its block and comes back with it: making and freeing
  /// objects took a tenth of a pass over small nodes, and those of several threads lie mixed in malloc's memory.
  @inline(__always)
  package static func giveUp(_ buffer: consuming TiledBuffer) {
    // Whoever had another reference has given it up with release, and what is written from here on depends on having seen
    // that; the fence orders the reads too. The thread sanitizer sees neither.
    guard !tri_is_thread_sanitized, isKnownUniquelyReferenced(&buffer) else { return }
    atomicMemoryFence(ordering: .acquiring)
    let origin = buffer.origin
    // Without a cache the thread is about to end.
    guard origin.isSmall, ThreadCache.existing != nil else { return }
    let (base, byteCount) = (buffer.base, buffer.byteCount)
    base.asFreeBlock.keep(consume buffer)
    giveBack(base, byteCount: byteCount, origin: origin)
  }

  @inline(__always)
  private static func giveBack(_ base: UnsafeMutableRawPointer, byteCount: Int, origin: Origin) {
    if origin.isSmall, let cache = ThreadCache.existing,
      cache.pointee.put(base, sizeClass: Int(origin.sizeClass), byteCount: byteCount)
    {
      return
    }
    BufferPool.releaseSlowly(base, byteCount: byteCount, origin: origin)
  }

  /// Frees the object of a block that goes back to the system.
  static func free(_ object: TiledBuffer) { object.origin = Origin(sizeClass: Origin.none) }

  /// Memory that somebody else owns; `owner` is kept alive as long as the buffer. Not counted.
  package static func adopting(
    _ pointer: UnsafeMutableRawPointer, byteCount: Int, owner: any AnyObject & Sendable
  ) -> TiledBuffer {
    TiledBuffer(
      base: pointer, byteCount: byteCount, origin: Origin(sizeClass: Origin.adopted), owner: owner)
  }

  /// Memory that somebody else owns; `deallocator` is called once, when the buffer dies.
  package static func adopting(
    _ pointer: UnsafeMutableRawPointer, byteCount: Int,
    deallocator: @escaping @Sendable () -> Void
  ) -> TiledBuffer {
    adopting(pointer, byteCount: byteCount, owner: Deallocator(deallocator))
  }

  deinit {
    if owner != nil || origin.sizeClass == Origin.none { return }
    // Blocks that come back are asked for their objects, but for large ones.
    if origin.sizeClass >= 0 { base.asFreeBlock.keep(nil) }
    Self.giveBack(base, byteCount: byteCount, origin: origin)
  }
}

extension TiledBuffer.Origin {
  /// Of a block of size class `sizeClass`.
  @inline(__always)
  init(block sizeClass: Int) { self.init(sizeClass: Int16(truncatingIfNeeded: sizeClass)) }
}

/// Calls a closure when it dies.
private final class Deallocator: Sendable {
  private let action: @Sendable () -> Void
  init(_ action: @escaping @Sendable () -> Void) { self.action = action }
  deinit { action() }
}
