import Testing
import TributaryMemory

@Suite(.serialized) struct StatisticsTests {
  @Test func nothingIsLiveAtFirst() {
    #expect(BufferPool.statistics.liveBuffers == 0)
  }
}
