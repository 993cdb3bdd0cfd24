import CTributaryShims
import Glibc
import Synchronization

/// The free memory that no thread has: chains of small blocks, medium blocks, large ones.
final class CentralPool: @unchecked Sendable {
  static let shared = CentralPool()

  private struct List: ~Copyable {
    let lock = PoolLock()
    /// Chains of free blocks. Protected by `lock`.
    var chains: FreeList?
  }

  // SAFETY: one list for each size class, made here, never freed; each under its own lock.
  private let lists: UnsafeMutablePointer<List>
  private let largeLock = PoolLock()
  /// Protected by `largeLock`.
  private var large = LargeCache()

  /// Bytes of all that is here. Relaxed: a sum that bounds, through which nothing is published;
  /// written once in a batch.
  let cached = Atomic<Int>(0)
  /// The most that is kept. Relaxed: a setting.
  let bound = Atomic<Int>(CentralPool.defaultBound)
  let hugePages = Atomic<Bool>(CentralPool.defaultHugePages)

  private init() {
    lists = .allocate(capacity: SizeClass.count)
    for index in 0..<SizeClass.count { (lists + index).initialize(to: List()) }
  }

  // MARK: Small and medium blocks

  func takeChain(sizeClass: Int) -> FreeList? {
    let list = lists + sizeClass
    list.pointee.lock.lock()
    let chain = list.pointee.chains
    if let chain { list.pointee.chains = chain.pointee.nextChain }
    list.pointee.lock.unlock()
    guard let chain else { return nil }
    let bytes = chain.pointee.count * SizeClass.byteCount(of: sizeClass)
    cached.wrappingSubtract(bytes, ordering: .relaxed)
    return chain
  }

  func putChain(_ chain: FreeList, sizeClass: Int) {
    let bytes = chain.pointee.count * SizeClass.byteCount(of: sizeClass)
    guard reserve(bytes) else { return release(chain, sizeClass: sizeClass) }
    let list = lists + sizeClass
    list.pointee.lock.lock()
    chain.pointee.nextChain = list.pointee.chains
    list.pointee.chains = chain
    list.pointee.lock.unlock()
  }

  private func release(_ chain: FreeList, sizeClass: Int) {
    var block: FreeList? = chain
    while let current = block {
      block = current.pointee.next
      if let object = current.takeObject() { TiledBuffer.free(object) }
      SystemMemory.release(UnsafeMutableRawPointer(current), sizeClass: sizeClass)
    }
  }

  // MARK: Large blocks

  func takeLarge(key: Int, tiles: Int) -> (base: UnsafeMutableRawPointer, tiles: Int)? {
    guard let entry = largeLock.with({ large.take(key: key, tiles: tiles) }) else { return nil }
    cached.wrappingSubtract(entry.tiles * SystemMemory.hugePage, ordering: .relaxed)
    return (entry.base, entry.tiles)
  }

  func putLarge(_ base: UnsafeMutableRawPointer, key: Int, tiles: Int) {
    guard reserve(tiles * SystemMemory.hugePage) else {
      return SystemMemory.release(base, tiles: tiles)
    }
    largeLock.with { large.put(key: key, tiles: tiles, base: base) }
  }

  // MARK: The bound

  /// Makes room for so many bytes more: large blocks go first, those that have lain longest, then the others from
  /// the largest down. So what is cached is what was last used, whatever its size. False: there is no room.
  private func reserve(_ bytes: Int) -> Bool {
    let bound = bound.load(ordering: .relaxed)
    guard bytes <= bound else { return false }
    while cached.wrappingAdd(bytes, ordering: .relaxed).newValue > bound {
      cached.wrappingSubtract(bytes, ordering: .relaxed)
      guard releaseOldestLarge() != nil || releaseLargestChain() != nil else { return false }
    }
    return true
  }

  private func releaseOldestLarge() -> Int? {
    guard let entry = largeLock.with({ large.takeOldest() }) else { return nil }
    let bytes = entry.tiles * SystemMemory.hugePage
    cached.wrappingSubtract(bytes, ordering: .relaxed)
    SystemMemory.release(entry.base, tiles: entry.tiles)
    return bytes
  }

  private func releaseLargestChain() -> Int? {
    for sizeClass in (0..<SizeClass.count).reversed() {
      guard let chain = takeChain(sizeClass: sizeClass) else { continue }
      let bytes = chain.pointee.count * SizeClass.byteCount(of: sizeClass)
      release(chain, sizeClass: sizeClass)
      return bytes
    }
    return nil
  }

  /// Gives free memory back to the system until `bytes` of it have gone, large blocks first;
  /// returns how many have.
  @discardableResult
  func trim(atLeast bytes: Int = Int.max) -> Int {
    var given = 0
    while given < bytes, let size = releaseOldestLarge() { given += size }
    while given < bytes, let size = releaseLargestChain() { given += size }
    // Small blocks are malloc's; it keeps what lies below its top unless told.
    if given > 0, bytes == Int.max { tri_malloc_trim() }
    return given
  }

  // MARK: Fork

  func lockAll() {
    for index in 0..<SizeClass.count { lists[index].lock.lock() }
    largeLock.lock()
  }

  func unlockAll() {
    largeLock.unlock()
    for index in 0..<SizeClass.count { lists[index].lock.unlock() }
  }

  func renewLocks() {
    largeLock.renew()
    for index in 0..<SizeClass.count { lists[index].lock.renew() }
  }

  // MARK: Settings

  private static var defaultBound: Int { BufferPool.machineBytes / 4 }

  /// On, unless TRIBUTARY_HUGE_PAGES says 0, off, no or false.
  private static var defaultHugePages: Bool {
    guard let value = getenv("TRIBUTARY_HUGE_PAGES") else { return true }
    return !["0", "off", "no", "false"].contains(String(cString: value).lowercased())
  }
}
