import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// Passes that end at each of their nodes, one after another, leave every gradient as it was.
@Suite struct EngineEndingTests {
  private struct Own: Error {}

  /// Of graphs of many steps.
  private static let seeds = Array(
    (0..<1_000 as Range<UInt64>).filter { RandomGraph.stepCount(seed: $0) > 40 }.prefix(4))

  /// A graph whose leaves and retaining tensors have gradients, and its twin, which goes back by the oracle.
  private struct Subject {
    let graph: RandomGraph
    private let twin: RandomGraph
    /// Which of `graph.values` throws on the way back; -1: none.
    let armed = Box(-1)
    var settings = PassSettings()
    private let team: WorkerTeam

    init(seed: UInt64, width: Int, throwing: Bool) throws {
      team = WorkerTeam(width: width)
      graph = try RandomGraph(seed: seed)
      twin = try RandomGraph(seed: seed)
      settings.engine = .team
      settings.retainGraph = true
      if throwing {
        for (index, value) in graph.values.enumerated() where value.requiresGrad {
          try value.registerHook { [armed] _ in
            if armed.value == index { throw Own() }
            return nil
          }
        }
      }
      try pass()
      try twinsPass()
      #expect(try graph.digest() == twin.digest())
    }

    func pass() throws {
      try WorkerTeam.withTeam(team) {
        try Tensor.backward(graph.roots, gradients: graph.seeds, settings)
      }
    }

    private func twinsPass() throws {
      try SerialEngine.backward(twin.roots, gradients: twin.seeds, retainGraph: true)
    }

    /// Goes back once more: either to the end, with the serial engine's bits, or with an error, which is returned,
    /// and nothing is changed.
    func attempt() throws -> TensorError? {
      let (old, digest) = (graph.gradients, try graph.digest())
      do { try pass() } catch {
        #expect(zip(graph.gradients, old).allSatisfy { $0 === $1 })
        #expect(try graph.digest() == digest)
        return error as? TensorError
      }
      try twinsPass()
      #expect(try graph.digest() == twin.digest())
      return nil
    }
  }

  @Test(arguments: [1, 2, 4, 8]) func aFlagRaisedInAnyNodeChangesNothing(width: Int) throws {
    var cancelled = 0
    var all = 0
    for seed in Self.seeds {
      var subject = try Subject(seed: seed, width: width, throwing: false)
      let nodes = Counter()
      subject.settings.perturb = { _ in nodes.add() }
      #expect(try subject.attempt() == nil)
      all += nodes.total
      for node in 0..<nodes.total {
        let flag = CancellationFlag()
        subject.settings.cancellation = flag
        subject.settings.perturb = { if $0 == node { flag.cancel() } }
        guard let error = try subject.attempt() else { continue }
        if case .cancelled = error.kind { cancelled += 1 } else { throw error }
      }
    }
    #expect(all > 100)
    // Behind a graph's last node nobody looks at the flag; with more threads all others may have begun before.
    if width == 1 { #expect(cancelled == all - Self.seeds.count) }
    #expect(cancelled > all / 2)
  }

  @Test(arguments: [1, 2, 4, 8]) func anErrorInAnyNodeChangesNothing(width: Int) throws {
    var failed = 0
    for seed in Self.seeds {
      let subject = try Subject(seed: seed, width: width, throwing: true)
      for index in subject.graph.values.indices {
        subject.armed.change { $0 = index }
        guard let error = try subject.attempt() else { continue }
        if case .underlying(is Own) = error.kind { failed += 1 } else { throw error }
      }
      subject.armed.change { $0 = -1 }
      #expect(try subject.attempt() == nil)
    }
    // The rest is not on the way back.
    #expect(failed > 50)
  }
}
