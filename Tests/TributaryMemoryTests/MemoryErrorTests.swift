import Testing
import TributaryMemory

@Suite struct MemoryErrorTests {
  @Test func eachCaseSaysWhatHappenedAndWhatMayHelp() {
    let limited = MemoryError.outOfMemory(requested: 400_000, live: 0, limit: 1_000)
    #expect("\(limited)" == "400,000 bytes were asked for with 0 live, past the limit of 1,000")
    #expect(limited.advice.contains("Memory.limit"))
    let refused = MemoryError.outOfMemory(requested: 1_234_567, live: 12, limit: nil)
    #expect(
      "\(refused)" == "1,234,567 bytes were asked for with 12 live, and the system has no more")
    #expect(!refused.advice.contains("limit"))
    let large = MemoryError.tooLarge(requested: 1 << 60)
    #expect("\(large)".hasPrefix("1,152,921,504,606,846,976 bytes"))
    #expect(!large.advice.contains("limit"))
    #expect("\(MemoryError.tooLarge(requested: .min))".contains("-9,223,372,036,854,775,808"))
  }
}
