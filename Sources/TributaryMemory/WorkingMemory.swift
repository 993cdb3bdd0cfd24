/// Memory of the pool for the time of a computation: what a kernel packs its operands into, the arrays of a pass.
///
/// As live as a tensor's to the limit, but told apart in the statistics: what another library takes from malloc for the same
/// end is in no count of tensors. A kernel's is told apart from 64 KiB on, for below a word that all threads write would cost
/// more than the count is worth.
package final class WorkingMemory {
  /// The first byte, 64-byte aligned.
  package let base: UnsafeMutableRawPointer
  private let counted: Int
  /// Nil at the end alone.
  private var buffer: TiledBuffer?

  /// `byteCount` uninitialised bytes. `always`: told apart however few they are.
  package init(byteCount: Int, always: Bool = false) throws(MemoryError) {
    let always = always || Registry.shared.isExact.load(ordering: .relaxed)
    // What no machine has is refused below; told before, two of them at once would overflow the sum.
    let isTold = (always || byteCount > ThreadCache.step) && byteCount < 1 << 48
    let counted = isTold ? byteCount : 0
    // Relaxed, as all counts. Told before the bytes live, and taken back after: no tensor seems to be in their place.
    if counted > 0 {
      tellOwn(counted)
      Registry.shared.working.wrappingAdd(counted, ordering: .relaxed)
    }
    do {
      let buffer = try TiledBuffer.allocate(byteCount: byteCount)
      (self.counted, self.buffer, base) = (counted, buffer, buffer.base)
    } catch {
      if counted > 0 { Registry.shared.working.wrappingSubtract(counted, ordering: .relaxed) }
      throw error
    }
  }

  deinit {
    if let buffer = buffer.take() { TiledBuffer.giveUp(consume buffer) }
    if counted == 0 { return }
    tellOwn(counted)
    Registry.shared.working.wrappingSubtract(counted, ordering: .relaxed)
  }
}

/// Before the amount changes by so few bytes: this thread's live bytes of until now met what it is now. Larger blocks are told
/// as they are made and freed.
private func tellOwn(_ byteCount: Int) {
  if byteCount <= ThreadCache.step { ThreadCache.existing?.pointee.tell() }
}
