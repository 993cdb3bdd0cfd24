import Testing
import Tributary
import TributaryMemory
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// After a pass, failed or not, nothing is left alive.
  @Suite struct LiveBufferTests {
    private struct Own: Error {}
    private static let teams = [1, 2, 4].map { WorkerTeam(width: $0) }

    private func expectNothingLeft(_ body: () throws -> Void) throws {
      // Once for what is made at first use.
      try body()
      let before = BufferPool.statistics
      try body()
      let after = BufferPool.statistics
      #expect(after.liveBuffers == before.liveBuffers)
      #expect(after.liveBytes == before.liveBytes)
    }

    @Test func passesLeaveNothing() throws {
      try expectNothingLeft {
        for seed in 0..<40 as Range<UInt64> {
          let found = try EngineComparison.compare(seed: seed, teams: Self.teams)
          #expect(found.isEmpty)
        }
      }
    }

    @Test func failedPassesLeaveNothing() throws {
      try expectNothingLeft {
        for seed in 0..<40 as Range<UInt64> {
          let found = try EngineComparison.compare(
            seed: seed, teams: Self.teams, features: [.hooks, .retained, .faults])
          #expect(found.isEmpty)
        }
      }
    }

    @Test func cancelledPassesChangeAndLeaveNothing() throws {
      var cancelled = 0
      // Small graphs may have run out of nodes before anybody looks at the flag.
      defer { #expect(cancelled > 20) }
      try expectNothingLeft {
        for seed in 0..<20 as Range<UInt64> {
          let graph = try RandomGraph(seed: seed)
          let flag = CancellationFlag()
          var settings = PassSettings()
          settings.engine = .team
          settings.cancellation = flag
          settings.perturb = { if $0 == 3 { flag.cancel() } }
          try Tensor.backward(graph.roots, gradients: graph.seeds, retainGraph: true)
          let before = try graph.digest()
          do {
            try WorkerTeam.withTeam(Self.teams[2]) {
              try Tensor.backward(graph.roots, gradients: graph.seeds, settings)
            }
          } catch {
            guard case .cancelled = (error as? TensorError)?.kind else { throw error }
            // Leaves' gradients and retained ones, to the bit.
            #expect(try graph.digest() == before)
            cancelled += 1
          }
        }
      }
    }

    /// The sum that reaches a leaf becomes its `.grad` where nobody else holds it.
    @Test func aLeafsGradientIsNotCopied() throws {
      let bytes = 4 << 20
      let w = try Tensor.ones([1_024, 1_024], requiresGrad: true)
      let loss = try (w * 2.0).sum()
      BufferPool.resetPeak()
      let before = BufferPool.statistics.liveBytes
      try loss.backward()
      #expect(w.grad != nil)
      #expect(BufferPool.statistics.peakLiveBytes - before < bytes + bytes / 2)
    }

    /// Saved tensors go as soon as their node has run, not with the graph.
    @Test func savedTensorsAreReleasedDuringThePass() throws {
      let x = try Tensor.ones([1_024], requiresGrad: true)
      let start = BufferPool.statistics.liveBuffers
      var y = x
      for _ in 0..<100 { y = try y.exp() * 0.1 }
      let loss = try y.sum()
      let recorded = BufferPool.statistics.liveBuffers - start
      #expect(recorded >= 100)
      try loss.backward()
      // y, the loss and the gradient.
      #expect(BufferPool.statistics.liveBuffers - start <= 4)
      withExtendedLifetime((y, loss)) {}
    }

    @Test func aMillionNodesLeaveNothing() throws {
      try expectNothingLeft {
        let x = try Tensor([1.0], requiresGrad: true)
        var y = x
        for _ in 0..<1_000_000 { y = try y + 0.0 }
        try y.backward()
      }
    }
  }
}
