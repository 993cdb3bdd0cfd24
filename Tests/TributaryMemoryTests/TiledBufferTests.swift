import TestTools
import Foundation
import Glibc
import Synchronization
import Testing
import TributaryMemory

@Suite struct TiledBufferTests {
  @Test(arguments: [
    0, 1, 63, 64, 65, 511, 512, 513, 4096, 100_000, 256 << 10, (256 << 10) + 1, 1792 << 10,
    (1792 << 10) + 1, 2 << 20, (2 << 20) + 1, 40_000_000,
  ])
  func everyByteIsThereAndTheBaseIsAligned(byteCount: Int) throws {
    let buffer = try TiledBuffer.allocate(byteCount: byteCount)
    #expect(Int(bitPattern: buffer.base) % 64 == 0)
    #expect(buffer.byteCount == byteCount)
    memset(buffer.base, 0x5a, byteCount)
    if byteCount > 0 {
      #expect(buffer.base.load(fromByteOffset: byteCount - 1, as: UInt8.self) == 0x5a)
    }
    if byteCount >= TiledBuffer.tileSize {
      #expect(Int(bitPattern: buffer.base) % TiledBuffer.tileSize == 0)
    }
  }

  /// While other threads count theirs: no sum of the statistics overflows.
  @Test func whatNoMachineHasIsRefused() {
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<2_000 {
        #expect(throws: MemoryError.self) { _ = try WorkingMemory(byteCount: .max) }
        #expect(throws: Never.self) { _ = try TiledBuffer.allocate(byteCount: 70_000) }
      }
    }
  }

  @Test(arguments: [1, 400, 4096, 100_000])
  func aSmallBlockReturnsToTheThreadThatFreedIt(byteCount: Int) throws {
    let first = try TiledBuffer.allocate(byteCount: byteCount).base
    let second = try TiledBuffer.allocate(byteCount: byteCount).base
    #expect(first == second)
  }

  @Test(arguments: [1, 400, 4096, 100_000])
  func anObjectComesBackWithItsBlock(byteCount: Int) throws {
    let buffer = try TiledBuffer.allocate(byteCount: byteCount)
    let (object, base) = (ObjectIdentifier(buffer), buffer.base)
    buffer.writeCount.store(7, ordering: .relaxed)
    TiledBuffer.giveUp(consume buffer)
    // Another size, the same block.
    let next = try TiledBuffer.allocate(byteCount: byteCount - 1)
    #expect(ObjectIdentifier(next) == object)
    #expect(next.base == base)
    #expect(next.byteCount == byteCount - 1)
    #expect(next.writeCount.load(ordering: .relaxed) == 0)
    memset(next.base, 1, next.byteCount)
  }

  @Test func aBufferWithTwoOwnersStaysWithTheOther() throws {
    let buffer = try TiledBuffer.allocate(byteCount: 100)
    let other = buffer
    memset(buffer.base, 0x5a, 100)
    TiledBuffer.giveUp(consume buffer)
    let next = try TiledBuffer.allocate(byteCount: 100)
    memset(next.base, 0, 100)
    #expect(next.base != other.base)
    #expect(other.base.load(fromByteOffset: 99, as: UInt8.self) == 0x5a)
  }

  /// What threads do not keep, and what is somebody else's.
  @Test func otherBuffersAreFreedAtOnce() throws {
    for byteCount in [1 << 20, 5_000_000] {
      weak var seen: TiledBuffer?
      let buffer = try TiledBuffer.allocate(byteCount: byteCount)
      seen = buffer
      TiledBuffer.giveUp(consume buffer)
      #expect(seen == nil)
    }
    let count = Atomic<Int>(0)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 3, count: 64)
    TiledBuffer.giveUp(
      TiledBuffer.adopting(bytes, byteCount: 64) { count.add(1, ordering: .relaxed) })
    #expect(count.load(ordering: .relaxed) == 1)
    #expect((0..<64).allSatisfy { bytes.load(fromByteOffset: $0, as: UInt8.self) == 3 })
    bytes.deallocate()
  }

  @Test(arguments: [-1, Int.min, Int.max, Int.max - 63, (1 << 47) + 1])
  func sizesPastAnyMemoryAreRefused(byteCount: Int) {
    #expect(throws: MemoryError.tooLarge(requested: byteCount)) {
      try TiledBuffer.allocate(byteCount: byteCount)
    }
  }

  @Test func aSizeThatTheSystemRefusesIsAnError() {
    #expect {
      try TiledBuffer.allocate(byteCount: 1 << 47)
    } throws: { error in
      guard case MemoryError.outOfMemory(requested: 1 << 47, live: _, limit: nil) = error else {
        return false
      }
      return true
    }
  }

  @Test func adoptedMemoryIsGivenBackOnce() {
    final class Count: Sendable { let value = Atomic<Int>(0) }
    let count = Count()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 64)
    do {
      let buffer = TiledBuffer.adopting(memory, byteCount: 128) {
        count.value.wrappingAdd(1, ordering: .relaxed)
      }
      #expect(buffer.base == memory)
      #expect(count.value.load(ordering: .relaxed) == 0)
    }
    #expect(count.value.load(ordering: .relaxed) == 1)
    memory.deallocate()
  }

  @Test func adoptedMemoryKeepsItsOwner() {
    final class Owner: Sendable {}
    weak var seen: Owner?
    var buffer: TiledBuffer?
    do {
      let owner = Owner()
      seen = owner
      let memory = UnsafeMutableRawPointer(bitPattern: 64)
      buffer = memory.map { TiledBuffer.adopting($0, byteCount: 0, owner: owner) }
    }
    #expect(seen != nil)
    #expect(buffer != nil)
    buffer = nil
    #expect(seen == nil)
  }

  /// Each buffer is filled with a number of its own and looked at again after others came and went:
  /// no block has two holders.
  @Test func noBlockHasTwoHolders() {
    let wrong = Atomic<Int>(0)
    let shelf = Shelf()
    onThreads(4) { thread in
      var state = UInt64(thread + 1)
      for round in 0..<4000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let large = round % 200 == 0
        let size = 8 + Int(state >> 33) % (large ? 3 << 20 : 5000)
        guard let buffer = try? TiledBuffer.allocate(byteCount: size) else {
          wrong.wrappingAdd(1, ordering: .relaxed)
          return
        }
        let mark = state
        buffer.base.storeBytes(of: mark, as: UInt64.self)
        buffer.base.storeBytes(
          of: UInt8(truncatingIfNeeded: mark), toByteOffset: size - 1, as: UInt8.self)
        // Some other thread frees what lay on the shelf.
        let old = shelf.withLock { shelf in
          let old = shelf.count > 64 ? shelf.remove(at: Int(state >> 40) % 64) : nil
          shelf.append((buffer, mark))
          return old
        }
        guard let old else { continue }
        let last = old.buffer.base.load(fromByteOffset: old.buffer.byteCount - 1, as: UInt8.self)
        let first = old.buffer.base.load(as: UInt64.self)
        // The pointers do not keep the buffer: without this it may be freed before they are read through.
        withExtendedLifetime(old.buffer) {}
        let intact = old.buffer.byteCount > 8 ? first == old.mark : true
        if !intact || last != UInt8(truncatingIfNeeded: old.mark) {
          wrong.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }
}

/// Buffers on their way from one thread to another.
///
/// Behind an `NSLock`: the thread sanitizer cannot see into the standard library's `Mutex`.
private final class Shelf: @unchecked Sendable {
  private let lock = NSLock()
  private var buffers: [(buffer: TiledBuffer, mark: UInt64)] = []

  func withLock<R>(_ body: (inout [(buffer: TiledBuffer, mark: UInt64)]) -> R) -> R {
    lock.withLock { body(&buffers) }
  }
}
