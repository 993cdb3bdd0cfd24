import Testing
import Tributary
import TributaryMemory
import TributaryWorkloads

extension ProcessWide {
  @Suite struct FanInMemoryTests {
    /// The most bytes of gradients that passes over the benchmark's graph held.
    private func peak(_ workload: Workload, threads: Int) throws -> Int {
      try withThreads(threads) {
        var most = 0
        // Others have other schedules.
        for _ in 0..<3 {
          let loss = try workload.record()
          BufferPool.resetPeak()
          let before = BufferPool.statistics.liveBytes
          try loss.backward()
          most = max(most, BufferPool.statistics.peakLiveBytes - before)
        }
        return most
      }
    }

    /// A thousand contributions to one leaf are summed as they come, not kept, however many threads bring them.
    @Test func aWideFanInIsSummedInLittleMemory() throws {
      let make = try #require(Workload.catalogue.first { $0.name == "fan_in" }).make
      let workload = try make(1)
      let gradient = try #require(workload.parameters.first).count * 4
      let alone = try peak(workload, threads: 1)
      // The sum and one contribution at least.
      #expect(alone >= 2 * gradient)
      let two = try peak(workload, threads: 2)
      print("fan_in holds \(alone) bytes of gradients on one thread, \(two) on two")
      #expect(two <= 4 * alone)
      #expect(two < 1_024 * gradient / 8)
    }
  }
}
