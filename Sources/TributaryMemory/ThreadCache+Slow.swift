import Synchronization

/// The long way, taken once in a batch.
extension ThreadCache {
  /// Adds to the thread's live bytes, and tells the rest when enough has come together.
  func count(_ byteCount: Int) {
    let change = unpublished.load(ordering: .relaxed) &+ byteCount
    unpublished.store(change, ordering: .relaxed)
    highest.store(max(change, highest.load(ordering: .relaxed)), ordering: .relaxed)
    if change > ThreadCache.step || change < floor.load(ordering: .relaxed) { tell() }
  }

  /// Adds what has come together to the shared total.
  func tell() {
    let registry = Registry.shared
    let (change, top) = (
      unpublished.load(ordering: .relaxed), highest.load(ordering: .relaxed)
    )
    // Relaxed: a sum. The order (own count to zero first) lets a reader miss bytes for a moment
    // rather than see them twice and refuse what the limit allows.
    unpublished.store(0, ordering: .relaxed)
    highest.store(0, ordering: .relaxed)
    let before = registry.published.wrappingAdd(change, ordering: .relaxed).oldValue
    registry.raisePeak(to: before + top)
  }

  /// A block of a small class from the current chain, a spare one, or the central list.
  func refillAndTake(sizeClass: Int) -> FreeList? {
    let bin = bins + sizeClass
    if bin.pointee.current == nil {
      if let chain = bin.pointee.spares {
        bin.pointee.spares = chain.pointee.nextChain
        spareBytes.add(-chain.pointee.count * bin.pointee.size)
        bin.pointee.current = chain
        bin.pointee.count.store(chain.pointee.count, ordering: .relaxed)
      } else if let chain = CentralPool.shared.takeChain(sizeClass: sizeClass) {
        bin.pointee.current = chain
        bin.pointee.count.store(chain.pointee.count, ordering: .relaxed)
      }
    }
    guard let block = bin.pointee.current else { return nil }
    bin.pointee.current = block.pointee.next
    bin.pointee.count.add(-1)
    return block
  }

  /// Frees a block when the current chain is full or the count is due.
  func putSlowly(_ pointer: UnsafeMutableRawPointer, sizeClass: Int) {
    let bin = bins + sizeClass
    if bin.pointee.count.load(ordering: .relaxed) >= bin.pointee.batch {
      sealCurrent(sizeClass: sizeClass)
    }
    let block = pointer.asFreeBlock
    block.pointee.next = bin.pointee.current
    bin.pointee.current = block
    bin.pointee.count.add(1)
  }

  /// The current chain becomes a spare one; past the bound a chain goes to the central list.
  private func sealCurrent(sizeClass: Int) {
    let bin = bins + sizeClass
    guard let chain = bin.pointee.current else { return }
    let count = bin.pointee.count.load(ordering: .relaxed)
    bin.pointee.current = nil
    bin.pointee.count.store(0, ordering: .relaxed)
    chain.pointee.count = count
    chain.pointee.nextChain = bin.pointee.spares
    bin.pointee.spares = chain
    spareBytes.add(count * bin.pointee.size)
    // The classes give up chains in turn, so that sizes no longer used leave the cache.
    while spareBytes.load(ordering: .relaxed) > ThreadCache.spareBound {
      // Relaxed, as every counter here.
      let next = (victim.load(ordering: .relaxed) + 1) % SizeClass.smallCount
      victim.store(next, ordering: .relaxed)
      giveBackSpare(sizeClass: next)
    }
  }

  private func giveBackSpare(sizeClass: Int) {
    let bin = bins + sizeClass
    guard let chain = bin.pointee.spares else { return }
    bin.pointee.spares = chain.pointee.nextChain
    spareBytes.add(-chain.pointee.count * bin.pointee.size)
    CentralPool.shared.putChain(chain, sizeClass: sizeClass)
  }

  /// Every free block goes to the central lists.
  func giveBackAll() {
    for sizeClass in 0..<SizeClass.smallCount {
      let bin = bins + sizeClass
      while bin.pointee.spares != nil { giveBackSpare(sizeClass: sizeClass) }
      guard let chain = bin.pointee.current else { continue }
      chain.pointee.count = bin.pointee.count.load(ordering: .relaxed)
      bin.pointee.current = nil
      bin.pointee.count.store(0, ordering: .relaxed)
      CentralPool.shared.putChain(chain, sizeClass: sizeClass)
    }
  }

  /// Bytes of free blocks. Of the cache of another thread too: so it reads the counts one by one, not the
  /// struct as a whole.
  static func cachedBytes(_ cache: UnsafeMutablePointer<ThreadCache>) -> Int {
    var bytes = cache.pointee.spareBytes.load(ordering: .relaxed)
    for sizeClass in 0..<SizeClass.smallCount {
      let bin = cache.pointee.bins + sizeClass
      bytes += bin.pointee.count.load(ordering: .relaxed) * bin.pointee.size
    }
    return bytes
  }

  /// Empties the calling thread's cache when `trim` asked for it.
  static func flushIfAsked(_ cache: UnsafeMutablePointer<ThreadCache>) {
    // Relaxed: nothing but the wish itself is handed over.
    guard cache.pointee.wantsFlush.load(ordering: .relaxed) else { return }
    cache.pointee.wantsFlush.store(false, ordering: .relaxed)
    cache.pointee.giveBackAll()
    Registry.shared.restoreCeiling(cache)
  }
}
