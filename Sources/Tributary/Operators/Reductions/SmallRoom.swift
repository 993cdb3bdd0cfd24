/// Room on the stack for intermediate results that are so few that a tensor of their own would outweigh them.
enum SmallRoom {
  static var byteCount: Int { 1024 }

  /// Calls `body` with ``byteCount`` uninitialised bytes, aligned to 16.
  @inline(__always)
  static func with(_ body: (UnsafeMutableRawPointer) -> Void) {
    // Of constants, and no more than malloc's alignment: anything else comes from the heap. The size is `byteCount`.
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { room in
      // SAFETY: not empty.
      body(room.baseAddress.unsafelyUnwrapped)
    }
  }
}
