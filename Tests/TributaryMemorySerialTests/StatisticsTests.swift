import Glibc
import Synchronization
import Testing
import TestTools
import TributaryMemory
import TributaryParallel

extension ProcessWide {
  @OneThread @Suite(.serialized) struct StatisticsTests {
    @Test(arguments: [false, true])
    func liveCountsAreExact(exactly: Bool) throws {
      BufferPool.countExactly(exactly)
      defer { BufferPool.countExactly(false) }
      let before = BufferPool.statistics
      var buffers: [TiledBuffer] = []
      var bytes = 0
      for size in [0, 1, 100, 4096, 70_000, 300_000, 3_000_000] {
        buffers.append(try TiledBuffer.allocate(byteCount: size))
        bytes += size
        let now = BufferPool.statistics
        #expect(now.liveBytes - before.liveBytes == bytes)
        #expect(now.liveBuffers - before.liveBuffers == buffers.count)
      }
      while !buffers.isEmpty {
        bytes -= buffers[buffers.count - 1].byteCount
        TiledBuffer.giveUp(buffers.removeLast())
        #expect(BufferPool.statistics.liveBytes - before.liveBytes == bytes)
      }
      let after = BufferPool.statistics
      #expect(after.liveBytes == before.liveBytes)
      #expect(after.liveBuffers == before.liveBuffers)
    }

    @Test func theFirstUseMissesAndTheSecondHits() throws {
      BufferPool.trim()
      for size in [500, 900_000, 5_000_000] {
        let first = BufferPool.statistics
        _ = try TiledBuffer.allocate(byteCount: size)
        let second = BufferPool.statistics
        _ = try TiledBuffer.allocate(byteCount: size)
        let third = BufferPool.statistics
        #expect(second.misses == first.misses + 1)
        #expect(second.hits == first.hits)
        #expect(third.misses == second.misses)
        #expect(third.hits == second.hits + 1)
        #expect(second.cachedBytes >= first.cachedBytes + size)
        #expect(third.cachedBytes == second.cachedBytes)
      }
    }

    @Test func thePeakIsOfOneMoment() throws {
      BufferPool.resetPeak()
      let start = BufferPool.statistics
      #expect(start.peakLiveBytes == start.liveBytes)
      do {
        let large = try TiledBuffer.allocate(byteCount: 10_000_000)
        let small = try TiledBuffer.allocate(byteCount: 1000)
        _ = (large.byteCount, small.byteCount)
      }
      for _ in 0..<100 { _ = try TiledBuffer.allocate(byteCount: 50_000) }
      #expect(BufferPool.statistics.peakLiveBytes == start.liveBytes + 10_001_000)
      BufferPool.resetPeak()
      do { _ = try TiledBuffer.allocate(byteCount: 700) }
      #expect(BufferPool.statistics.peakLiveBytes == start.liveBytes + 700)
    }

    /// A high point of small buffers comes before a large one: the peak is of neither together.
    @Test func smallBuffersAndALargeOneAfterThem() throws {
      BufferPool.resetPeak()
      let start = BufferPool.statistics.liveBytes
      do {
        let small = try (0..<6).map { _ in try TiledBuffer.allocate(byteCount: 10_000) }
        _ = small.count
      }
      do { _ = try TiledBuffer.allocate(byteCount: 70_000) }
      #expect(BufferPool.statistics.peakLiveBytes == start + 70_000)
      do { _ = try TiledBuffer.allocate(byteCount: 4_000_000) }
      #expect(BufferPool.statistics.peakLiveBytes == start + 4_000_000)
    }

    /// What a thread holds and has not told counts in another's peak, where all is told at once.
    @Test func thePeakOfSeveralThreadsIsExactWhereAskedFor() throws {
      BufferPool.countExactly(true)
      defer { BufferPool.countExactly(false) }
      for bytes in [30_000, 90_000] {
        let mine = try TiledBuffer.allocate(byteCount: bytes)
        BufferPool.resetPeak()
        let start = BufferPool.statistics.liveBytes
        onThreads(1) { _ in
          for _ in 0..<3 { _ = try? TiledBuffer.allocate(byteCount: bytes) }
          let held = try? TiledBuffer.allocate(byteCount: bytes)
          onThreads(1) { _ in _ = try? TiledBuffer.allocate(byteCount: bytes) }
          withExtendedLifetime(held) {}
        }
        do { _ = try TiledBuffer.allocate(byteCount: bytes) }
        #expect(BufferPool.statistics.peakLiveBytes == start + 2 * bytes)
        withExtendedLifetime(mine) {}
      }
    }

    @Test func workingMemoryIsNoTensor() throws {
      BufferPool.resetPeak()
      let start = BufferPool.statistics
      #expect(start.peakTensorBytes == start.liveBytes)
      do {
        let tensor = try TiledBuffer.allocate(byteCount: 1_000_000)
        let working = try WorkingMemory(byteCount: 5_000_000)
        // SAFETY: within the bytes that were asked for.
        working.base.storeBytes(of: 1, toByteOffset: 4_999_999, as: UInt8.self)
        let later = try TiledBuffer.allocate(byteCount: 2_000_000)
        let now = BufferPool.statistics
        #expect(now.liveBytes == start.liveBytes + 8_000_000)
        withExtendedLifetime((tensor, working, later)) {}
      }
      let end = BufferPool.statistics
      #expect(end.liveBytes == start.liveBytes)
      #expect(end.peakLiveBytes == start.liveBytes + 8_000_000)
      #expect(end.peakTensorBytes == start.liveBytes + 3_000_000)
      BufferPool.resetPeak()
      do {
        let limit = BufferPool.limit
        BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + 1_000_000)
        defer { BufferPool.setLimit(bytes: limit) }
        #expect(throws: MemoryError.self) { _ = try WorkingMemory(byteCount: 5_000_000) }
      }
      do { _ = try TiledBuffer.allocate(byteCount: 700_000) }
      #expect(BufferPool.statistics.peakTensorBytes == start.liveBytes + 700_000)
    }

    /// However few the bytes, and whatever is told between: a pass's arrays are no tensors.
    @Test func smallWorkingMemoryIsNoTensorEither() throws {
      BufferPool.resetPeak()
      let start = BufferPool.statistics
      for _ in 0..<20 {
        let tensor = try TiledBuffer.allocate(byteCount: 10_000)
        do {
          let working = try WorkingMemory(byteCount: 30_000, always: true)
          let later = try TiledBuffer.allocate(byteCount: 20_000)
          withExtendedLifetime((working, later)) {}
        }
        let last = try TiledBuffer.allocate(byteCount: 15_000)
        withExtendedLifetime((tensor, last)) {}
      }
      let end = BufferPool.statistics
      #expect(end.liveBytes == start.liveBytes)
      #expect(end.peakLiveBytes == start.liveBytes + 60_000)
      #expect(end.peakTensorBytes == start.liveBytes + 30_000)
    }

    /// Threads make buffers and free each other's; all end; the sums must be what they were.
    @Test func aStormAcrossThreadsLeavesNothing() {
      let before = BufferPool.statistics
      let shelf = Locked<[TiledBuffer]>([])
      let made = Atomic<Int>(0)
      onThreads(8) { thread in
        var state = UInt64(thread + 77)
        for round in 0..<5000 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let size = round % 500 == 0 ? 2_500_000 : Int(state >> 40) % 9000
          guard let buffer = try? TiledBuffer.allocate(byteCount: size) else { continue }
          made.wrappingAdd(1, ordering: .relaxed)
          let freed = shelf.withLock { shelf -> [TiledBuffer] in
            shelf.append(buffer)
            guard shelf.count > 300 else { return [] }
            let freed = shelf
            shelf = []
            return freed
          }
          _ = freed.count
        }
      }
      shelf.withLock { $0 = [] }
      let after = BufferPool.statistics
      #expect(made.load(ordering: .relaxed) == 40_000)
      #expect(after.liveBytes == before.liveBytes)
      #expect(after.liveBuffers == before.liveBuffers)
      #expect(after.hits + after.misses == before.hits + before.misses + 40_000)
      // What one thread frees another gets: most of it is memory that was there before.
      #expect(after.misses - before.misses < 10_000)
    }

    /// One thread makes, another frees: batches flow back through the central lists.
    @Test func aOneWayFlowIsServedFromThePool() {
      let shelf = Locked<[TiledBuffer]>([])
      let done = Atomic<Bool>(false)
      BufferPool.trim()
      let before = BufferPool.statistics
      onThreads(2) { thread in
        if thread == 0 {
          for _ in 0..<40_000 {
            guard let buffer = try? TiledBuffer.allocate(byteCount: 4000) else { continue }
            while shelf.withLock({ shelf in
              if shelf.count < 500 { shelf.append(buffer) }
              return shelf.count >= 500
            }) { sched_yield() }
          }
          // Release: the reader that sees it finds all that was put on the shelf before.
          done.store(true, ordering: .releasing)
        } else {
          while true {
            let last = done.load(ordering: .acquiring)
            let taken = shelf.withLock { shelf -> [TiledBuffer] in
              let taken = shelf
              shelf = []
              return taken
            }
            if taken.isEmpty && last { return }
            if taken.isEmpty { sched_yield() }
          }
        }
      }
      let after = BufferPool.statistics
      #expect(after.liveBuffers == before.liveBuffers)
      // The freeing thread's cache (4 MiB of 4 KiB blocks), the shelf, and some batches on their way.
      #expect(after.misses - before.misses < 4000)
    }

    @Test func aThreadThatEndsKeepsNothing() {
      BufferPool.trim()
      let others = BufferPool.statistics.cachedBytes  // in the caches of threads of earlier tests
      onThreads(1) { _ in
        let buffers = (0..<3000).compactMap { _ in try? TiledBuffer.allocate(byteCount: 1000) }
        _ = buffers.count
      }
      #expect(BufferPool.statistics.cachedBytes >= others + 3_000_000)
      BufferPool.trim()
      #expect(BufferPool.statistics.cachedBytes <= others)
    }

    /// The promise behind "no shared writes": warm small buffers come and go while every lock of the
    /// pool is held by somebody else.
    @Test func warmSmallBuffersTakeNoLock() {
      let phase = Atomic<Int>(0)
      onThreads(2) { thread in
        // Acquire and release: a phase begins after all that was done in the one before.
        if thread == 0 {
          while phase.load(ordering: .acquiring) < 1 { sched_yield() }
          BufferPool.withLocksHeld {
            phase.store(2, ordering: .releasing)
            while phase.load(ordering: .acquiring) < 3 { sched_yield() }
          }
        } else {
          let sizes = [4, 20, 400, 4096]
          // Warm: as many blocks of each size as will be alive at once.
          do {
            let warm = sizes.flatMap { size in
              (0..<10).map { _ in try? TiledBuffer.allocate(byteCount: size) }
            }
            _ = warm.count
          }
          phase.store(1, ordering: .releasing)
          while phase.load(ordering: .acquiring) < 2 { sched_yield() }
          for _ in 0..<1000 {
            let some = sizes.flatMap { size in
              (0..<10).map { _ in try? TiledBuffer.allocate(byteCount: size) }
            }
            _ = some.count
          }
          phase.store(3, ordering: .releasing)
        }
      }
      #expect(phase.load(ordering: .relaxed) == 3)
    }
  }
}
