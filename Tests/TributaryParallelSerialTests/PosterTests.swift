import Synchronization
import TestTools
import Testing
import TributaryParallel

/// Two clients post at the same moment while one worker searches: each counts on it, and each must get a helper.
@Suite(.serialized) struct PosterTests {
  @Test func twoWhoCountOnOneWorkerBothGetHelp() {
    let team = WorkerTeam(width: 3, spin: .milliseconds(1))
    let rounds = (0..<200).map { _ in (clients: Arrivals(), nodes: Arrivals()) }
    onThreads(2) { client in
      for round in rounds {
        // A late one has shown what there is to show.
        if rounds.contains(where: { $0.nodes.areLate }) { break }
        if client == 0 {
          // Of two nodes that wait for each other one needs a worker, which then searches.
          while team.workersPresent > 0 { yieldThread() }
          let both = Arrivals()
          _ = concurrentRun(count: 2, on: team) { _ in both.wait(for: 2) }
        }
        round.clients.wait(for: 2)
        _ = concurrentRun(count: 2, on: team) { _ in round.nodes.wait(for: 4) }
      }
    }
    #expect(!rounds.contains { $0.clients.areLate || $0.nodes.areLate })
  }
}

/// Threads that wait for each other, a long time at most.
private final class Arrivals: Sendable {
  // Relaxed: numbers that grow, through which nothing is published.
  private let count = Atomic<Int>(0)
  private let late = Atomic<Bool>(false)

  func wait(for all: Int) {
    let start = nanosecondsNow()
    count.wrappingAdd(1, ordering: .relaxed)
    while count.load(ordering: .relaxed) < all {
      // Beside other programs that keep every core busy, a round takes 0.1 s, and five were not enough once.
      if nanosecondsNow() - start > 30_000_000_000 { return late.store(true, ordering: .relaxed) }
      yieldThread()
    }
  }

  var areLate: Bool { late.load(ordering: .relaxed) }
}
