import TestTools
import Testing
import Tributary

extension ProcessWide {
  @Suite struct NodeNumberTests {
    /// What a thread leaves of its block when it ends is lost, and no more.
    @Test func shortThreadsLoseFewNumbers() {
      var first: UInt64 = 0
      var last: UInt64 = 0
      for round in 0...100 {
        nonisolated(unsafe) var number: UInt64 = 0
        onThreads(1) { _ in number = NodeNumber.next() }
        if round == 0 { first = number }
        last = number
      }
      // No other test runs, and no thread drew twice.
      #expect(last - first <= 100 * NodeNumber.blockSize)
      #expect(last != first)
    }
  }
}
