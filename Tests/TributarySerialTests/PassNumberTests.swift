import TestTools
import Testing
import Tributary

extension ProcessWide {
  @Suite struct PassNumberTests {
    /// What a thread leaves of its block when it ends is lost: a thread for each pass must not use up the numbers.
    @Test func shortThreadsLoseFewNumbers() {
      var first: UInt32 = 0
      var last: UInt32 = 0
      for round in 0...100 {
        nonisolated(unsafe) var number: UInt32 = 0
        onThreads(1) { _ in number = PassNumber.next() }
        if round == 0 { first = number }
        last = number
      }
      // No other test runs, and no thread drew twice.
      #expect(last &- first <= 100 * 64)
      #expect(last != first)
    }
  }
}
