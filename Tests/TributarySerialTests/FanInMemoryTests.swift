import Testing
import Tributary
import TributaryMemory
import TributaryWorkloads

extension ProcessWide {
  @Suite struct FanInMemoryTests {
    /// The most bytes of gradients that each of some passes over the benchmark's graph held, ascending.
    private func peaks(_ workload: Workload, threads: Int) throws -> [Int] {
      try withThreads(threads) {
        // Each has another schedule.
        try (0..<9).map { _ in
          let loss = try workload.record()
          BufferPool.resetPeak()
          let before = BufferPool.statistics.liveBytes
          try loss.backward()
          return BufferPool.statistics.peakLiveBytes - before
        }.sorted()
      }
    }

    /// A thousand contributions to one leaf are summed as they come, not kept, however many threads bring them.
    @Test func aWideFanInIsSummedInLittleMemory() throws {
      let make = try #require(Workload.catalogue.first { $0.name == "fan_in" }).make
      let workload = try make(1)
      let gradient = try #require(workload.parameters.first).count * 4
      let alone = try peaks(workload, threads: 1)[4]
      // The sum and one contribution at least.
      #expect(alone >= 2 * gradient)
      // A sum for each of three levels, and the nodes' own.
      #expect(alone < 5 * gradient)
      let two = try peaks(workload, threads: 2)
      print("fan_in holds \(alone) bytes of gradients on one thread, \(two) on two")
      // A thread that loses its core in the middle of an addition lets contributions pile up, here and there, and in
      // some hours in every other pass: the third of the nine is of those that were not disturbed.
      #expect(two[2] <= 4 * alone)
      #expect(two[8] < 1_024 * gradient / 8)
    }
  }
}
