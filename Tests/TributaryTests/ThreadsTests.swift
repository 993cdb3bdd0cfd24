import Testing
import Tributary
import TributaryParallel

@Suite struct ThreadsTests {
  @Test func theInnermostScopeHolds() async throws {
    let outer = numThreads
    #expect(outer >= 1)
    withThreads(3) {
      #expect(numThreads == 3)
      withThreads(5) { #expect(numThreads == 5) }
      #expect(numThreads == 3)
    }
    await withThreads(4) {
      await Task.yield()
      #expect(numThreads == 4)
    }
    #expect(numThreads == outer)
  }

  @Test func scopesOfOneNumberShareTheirThreads() {
    let first = withThreads(3) { ObjectIdentifier(WorkerTeam.current) }
    #expect(withThreads(3) { ObjectIdentifier(WorkerTeam.current) } == first)
  }

  @Test(arguments: [-1, 0, 1, 1_000_000]) func otherNumbersAreDrawnIn(count: Int) {
    withThreads(count) { #expect((1...4_096).contains(numThreads)) }
  }

  @Test func errorsKeepTheirType() {
    #expect(throws: TensorError.self) {
      try withThreads(2) { () throws(TensorError) in _ = try Tensor([1.0]).reshape([2]) }
    }
  }
}
