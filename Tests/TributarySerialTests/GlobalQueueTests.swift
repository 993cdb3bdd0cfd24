import Dispatch
import Synchronization
import TestTools
import Testing
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// Programs that use libdispatch's threads themselves.
  @Suite struct GlobalQueueTests {
    private static let teams = [WorkerTeam.shared, WorkerTeam(width: 2), WorkerTeam(width: 4)]
    private static let queues = [
      DispatchQoS.QoSClass.userInteractive, .userInitiated, .default, .utility, .background,
    ].map { DispatchQueue.global(qos: $0) }

    private static func mismatches(_ seeds: Range<UInt64>) throws -> [EngineComparison.Mismatch] {
      try seeds.flatMap { try EngineComparison.compare(seed: $0, teams: teams) }
    }

    /// Whether or not a worker can start beside pools whose threads all wait, the work is done.
    @Test(.timeLimit(.minutes(1))) func aBlockedPoolHoldsUpNoPass() throws {
      let release = DispatchSemaphore(value: 0)
      let blockers = 300
      let behind = PeakTracker()
      for queue in Self.queues {
        for _ in 0..<blockers { queue.async { release.wait() } }
        queue.async { behind.enter() }
      }
      defer { for _ in 0..<blockers * Self.queues.count { release.signal() } }
      #expect(try Self.mismatches(0..<30).isEmpty)
      // The pool was blocked to the end.
      #expect(behind.peak == 0)
    }

    @Test(.timeLimit(.minutes(1))) func aBusyPoolChangesNoBit() throws {
      let (stop, blocks) = (Flag(), PeakTracker())
      let group = DispatchGroup()
      for queue in Self.queues {
        queue.async(group: group) {
          while !stop.isRaised {
            DispatchQueue.concurrentPerform(iterations: 16) { _ in spin(microseconds: 50) }
            blocks.enter()
          }
        }
      }
      let found = Result { try Self.mismatches(100..<105) }
      stop.raise()
      group.wait()
      #expect(try found.get().isEmpty)
      #expect(blocks.peak > 0)
    }

    /// Passes whose callers are libdispatch's own threads, inside a loop of its own.
    @Test(.timeLimit(.minutes(1))) func iterationsOfConcurrentPerformGoBack() throws {
      let wrong = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: 16) { index in
        let seed = UInt64(200 + index)
        let found = try? EngineComparison.compare(seed: seed, teams: Self.teams)
        // Relaxed: a count, read when the loop is over.
        if found?.isEmpty != true { wrong.add(1, ordering: .relaxed) }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
    }
  }
}
