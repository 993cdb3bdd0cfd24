import Testing
import TestTools
import Tributary

extension ProcessWide {
  @Suite struct MemoryTests {
    @Test func theLimitHoldsAndSaysSo() throws {
      #expect(Memory.limit == nil)
      let live = Memory.statistics.liveBytes
      Memory.limit = live + 1_000
      defer { Memory.limit = nil }
      #expect(Memory.limit == live + 1_000)
      _ = try Tensor.ones([10])
      let error = try #require(throws: TensorError.self) { try Tensor.ones([100_000]) }
      guard case .outOfMemory = error.kind else { throw error }
      #expect(error.message.hasPrefix("400,000 bytes were asked for"))
      #expect(error.message.contains("Memory.limit"))
      Memory.limit = -1
      #expect(Memory.limit == 0)
    }

    /// A product's working memory is refused with its own words.
    @Test func scratchMemoryToo() throws {
      let a = try Tensor.ones([600, 600])
      defer { Memory.limit = nil }
      // Room for the result and not for what is packed.
      Memory.limit = Memory.statistics.liveBytes + 600 * 600 * 4 + 1_000
      let error = try #require(throws: TensorError.self) { try a.matmul(a) }
      guard case .outOfMemory = error.kind else { throw error }
      #expect(error.message.contains("working memory"))
      #expect(error.message.contains("Memory.limit"))
    }

    /// On a new thread, which publishes nothing for so little: what others have not published yet stays out of the peak.
    @Test func theCountsAreOfTensors() {
      onThreads(1) { _ in
        Memory.resetPeak()
        let before = Memory.statistics
        do {
          let x = try Tensor.ones([1_000])
          let view = try x.reshape([10, 100])
          let during = Memory.statistics
          #expect(during.liveBytes == before.liveBytes + 4_000)
          #expect(during.liveBuffers == before.liveBuffers + 1)
          #expect(during.hits + during.misses == before.hits + before.misses + 1)
          _ = view.count
        } catch { Issue.record(error) }
        let after = Memory.statistics
        #expect(after.liveBytes == before.liveBytes)
        #expect(after.peakLiveBytes == before.liveBytes + 4_000)
      }
    }

    @Test func freeMemoryIsKeptBoundedAndGivenBack() throws {
      let bound = Memory.cacheLimit
      defer { Memory.cacheLimit = bound }
      Memory.trim()
      do { _ = try Tensor.ones([5_000_000]) }
      #expect(Memory.statistics.cachedBytes >= 20_000_000)
      #expect(Memory.trim() >= 20_000_000)
      Memory.cacheLimit = 0
      let kept = Memory.statistics.cachedBytes
      do { _ = try Tensor.ones([5_000_000]) }
      #expect(Memory.statistics.cachedBytes == kept)
    }
  }
}
