import Testing
import Tributary
import TributaryMemory
import TributaryParallel
import TributarySplitMix
import TributaryStress

extension ProcessWide {
  /// Passes that end as it comes: done, failed or cancelled, at any point.
  @Suite struct RandomEndTests {
    private struct Ends {
      var done = 0
      var failed = 0
      var cancelled = 0
    }

    private struct Weak {
      weak var object: AnyObject?
    }

    /// One pass over the graph of `seed`; what it was made of is returned for a look whether it has gone.
    private func pass(
      _ seed: UInt64, on team: WorkerTeam, _ ends: inout Ends
    ) throws -> [Weak] {
      var random = SplitMix(seed: ~seed)
      let fails = random.oneIn(2)
      let graph = try RandomGraph(seed: seed, features: fails ? [.retained, .faults] : .all)
      var settings = PassSettings()
      settings.engine = .team
      settings.retainGraph = random.oneIn(2)
      if !fails, !random.oneIn(4) {
        let flag = CancellationFlag()
        let last = random.below(graph.values.count)
        settings.cancellation = flag
        settings.perturb = { if $0 == last { flag.cancel() } }
      }
      do {
        try WorkerTeam.withTeam(team) {
          try Tensor.backward(graph.roots, gradients: graph.seeds, settings)
        }
        ends.done += 1
      } catch {
        switch (error as? TensorError)?.kind {
        case .cancelled: ends.cancelled += 1
        case .underlying(is RandomGraph.Fault): ends.failed += 1
        default: throw error
        }
        #expect(graph.gradients.allSatisfy { $0 == nil }, "seed \(seed)")
      }
      return graph.values.map { Weak(object: $0) } + graph.values.map { Weak(object: $0.gradFn) }
    }

    @Test(arguments: [1, 2, 4]) func nothingIsLeftAndTheTeamGoesOn(width: Int) throws {
      let team = WorkerTeam(width: width)
      // For what is made at first use.
      var ends = Ends()
      for seed in 0..<20 as Range<UInt64> { _ = try pass(seed, on: team, &ends) }
      let before = BufferPool.statistics
      ends = Ends()
      var alive = 0
      for seed in 1_000..<2_000 as Range<UInt64> {
        alive += try pass(seed, on: team, &ends).count { $0.object != nil }
      }
      #expect(alive == 0)
      let after = BufferPool.statistics
      #expect(after.liveBuffers == before.liveBuffers)
      #expect(after.liveBytes == before.liveBytes)
      #expect(ends.done > 100 && ends.failed > 100 && ends.cancelled > 100, "\(ends)")
      for seed in 0..<10 as Range<UInt64> {
        #expect(try EngineComparison.compare(seed: seed, teams: [team]).isEmpty)
      }
    }
  }
}
