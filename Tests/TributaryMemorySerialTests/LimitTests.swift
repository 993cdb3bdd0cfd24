import Testing
import TestTools
import TributaryMemory

extension ProcessWide {
  @OneThread @Suite(.serialized) struct LimitTests {
    private func withLimit(_ extra: Int, _ body: (Int) throws -> Void) rethrows {
      let live = BufferPool.statistics.liveBytes
      BufferPool.setLimit(bytes: live + extra)
      defer { BufferPool.setLimit(bytes: nil) }
      try body(live)
    }

    @Test(arguments: [100, 5000, 300_000, 4_000_000])
    func pastTheLimitAllocationThrowsAndLaterGoesOn(size: Int) throws {
      try withLimit(3 * size) { live in
        var buffers = try (0..<3).map { _ in try TiledBuffer.allocate(byteCount: size) }
        #expect(
          throws: MemoryError.outOfMemory(
            requested: size, live: live + 3 * size, limit: live + 3 * size)
        ) { try TiledBuffer.allocate(byteCount: size) }
        #expect(BufferPool.statistics.liveBytes == live + 3 * size)
        #expect(BufferPool.statistics.liveBuffers >= 3)
        buffers.removeLast()
        buffers.append(try TiledBuffer.allocate(byteCount: size))
        buffers = []
        #expect(BufferPool.statistics.liveBytes == live)
      }
      #expect(BufferPool.limit == nil)
      _ = try TiledBuffer.allocate(byteCount: 4 * size)
    }

    @Test func aZeroLimitLetsNothingButEmptyBuffersThrough() throws {
      let live = BufferPool.statistics.liveBytes
      BufferPool.setLimit(bytes: 0)
      defer { BufferPool.setLimit(bytes: nil) }
      #expect(throws: MemoryError.outOfMemory(requested: 1, live: live, limit: 0)) {
        try TiledBuffer.allocate(byteCount: 1)
      }
      if live == 0 { _ = try TiledBuffer.allocate(byteCount: 0) }
    }

    @Test func freeMemoryGivesWayToLiveMemory() throws {
      BufferPool.trim()
      let others = BufferPool.statistics.cachedBytes
      do { _ = try TiledBuffer.allocate(byteCount: 30 << 20) }
      #expect(BufferPool.statistics.cachedBytes >= 30 << 20)
      try withLimit(40 << 20) { _ in
        let buffer = try TiledBuffer.allocate(byteCount: 20 << 20)
        #expect(BufferPool.statistics.cachedBytes <= others + (20 << 20))
        _ = buffer.byteCount
      }
    }

    @Test func aHugeRequestUnderALimitIsRefusedQuietly() throws {
      withLimit(1 << 20) { live in
        #expect(
          throws: MemoryError.outOfMemory(requested: 1 << 46, live: live, limit: live + 1 << 20)
        ) {
          try TiledBuffer.allocate(byteCount: 1 << 46)
        }
      }
    }

    /// Many threads at the limit together: never past it by more than a block each, nothing lost.
    @Test func theLimitHoldsForThreadsTogether() {
      let before = BufferPool.statistics
      BufferPool.resetPeak()
      withLimit(8 << 20) { live in
        onThreads(6) { thread in
          var held: [TiledBuffer] = []
          for round in 0..<3000 {
            if let buffer = try? TiledBuffer.allocate(byteCount: 1000 + 7000 * (round % 9)) {
              held.append(buffer)
            } else {
              held.removeAll()
            }
          }
          _ = thread
        }
        let after = BufferPool.statistics
        #expect(after.liveBytes == live)
        #expect(after.peakLiveBytes <= live + (8 << 20) + 6 * (64 << 10))
        #expect(after.peakLiveBytes > live + (7 << 20))
      }
      #expect(BufferPool.statistics.liveBuffers == before.liveBuffers)
    }

    /// Without a limit, and under one that is far away.
    @Test(arguments: [nil, 1 << 50])
    func whatTheSystemRefusesLeavesTheCountsRight(limit: Int?) {
      BufferPool.setLimit(bytes: limit)
      defer { BufferPool.setLimit(bytes: nil) }
      BufferPool.resetPeak()
      let before = BufferPool.statistics
      for _ in 0..<3 {
        #expect(throws: MemoryError.self) { try TiledBuffer.allocate(byteCount: 1 << 47) }
      }
      let after = BufferPool.statistics
      #expect(after.liveBytes == before.liveBytes)
      #expect(after.liveBuffers == before.liveBuffers)
      #expect(after.hits == before.hits)
      // What was never there was no peak.
      #expect(after.peakLiveBytes == before.peakLiveBytes)
    }
  }
}
