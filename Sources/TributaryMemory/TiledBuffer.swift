import Glibc
import Synchronization

/// A range of memory that tensors share: aligned to 64 bytes, never nil, uninitialised.
package final class TiledBuffer: Sendable {
  /// The first byte, 64-byte aligned, never nil (also when `byteCount` is 0).
  // SAFETY: the pointer never changes and is valid until deinit; who may write through it when is
  // the tensor layer's to see to, as for every shared array.
  package nonisolated(unsafe) let base: UnsafeMutableRawPointer
  package let byteCount: Int
  /// In-place writes so far; all views of the buffer share it.
  package let writeCount = Atomic<Int>(0)
  private let owner: (any AnyObject & Sendable)?

  private init(base: UnsafeMutableRawPointer, byteCount: Int, owner: (any AnyObject & Sendable)?) {
    self.base = base
    self.byteCount = byteCount
    self.owner = owner
  }

  /// A buffer of `byteCount` uninitialised bytes.
  package static func allocate(
    byteCount: Int, placement: Placement = .automatic
  ) throws(MemoryError) -> TiledBuffer {
    guard byteCount >= 0, byteCount < 1 << 47 else { throw .tooLarge(requested: byteCount) }
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, 64, max(byteCount, 64)) == 0, let pointer else {
      throw .outOfMemory(requested: byteCount, live: 0, limit: nil)
    }
    return TiledBuffer(base: pointer, byteCount: byteCount, owner: nil)
  }

  /// Memory that somebody else owns; `owner` is kept alive as long as the buffer.
  package static func adopting(
    _ pointer: UnsafeMutableRawPointer, byteCount: Int, owner: any AnyObject & Sendable
  ) -> TiledBuffer {
    TiledBuffer(base: pointer, byteCount: byteCount, owner: owner)
  }

  /// Memory that somebody else owns; `deallocator` is called once, when the buffer dies.
  package static func adopting(
    _ pointer: UnsafeMutableRawPointer, byteCount: Int,
    deallocator: @escaping @Sendable () -> Void
  ) -> TiledBuffer {
    adopting(pointer, byteCount: byteCount, owner: Deallocator(deallocator))
  }

  deinit {
    if owner == nil { free(base) }
  }
}

/// Calls a closure when it dies.
private final class Deallocator: Sendable {
  private let action: @Sendable () -> Void
  init(_ action: @escaping @Sendable () -> Void) { self.action = action }
  deinit { action() }
}
