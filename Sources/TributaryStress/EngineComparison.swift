import Tributary
import TributaryParallel
import TributarySplitMix

/// Random graphs, the serial engine against the parallel one.
package enum EngineComparison {
  package struct Mismatch: Error, CustomStringConvertible {
    package let seed: UInt64
    package let width: Int
    package let reason: String

    package var description: String { "graph of seed \(seed), \(width) threads: \(reason)" }
  }

  /// What a pass left and threw.
  package struct Outcome: Equatable {
    package let digest: UInt64
    package let error: String?
  }

  /// Compares the graph of `seed` on each team; returns the differences. A run ends with no gradient
  /// changed where it throws, and throws what the serial engine throws.
  ///
  /// - Parameters:
  ///   - steps: as in ``RandomGraph/init(seed:steps:features:)``.
  ///   - attempt: decides the delays; other attempts have others.
  ///   - patience: as in ``Muster``.
  ///   - noting: told of each pass how wide the team was, and how many threads were inside at once; where it is given,
  ///     each pass has a ``Muster`` beside its graph.
  package static func compare(
    seed: UInt64, steps: [Int]? = nil, attempt: Int = 0, teams: [WorkerTeam],
    features: RandomGraph.Features = .all, sumsInArrivalOrder: Bool = false,
    patience: Duration = .seconds(1), noting: ((_ width: Int, _ peak: Int) -> Void)? = nil
  ) throws(TensorError) -> [Mismatch] {
    var random = SplitMix(seed: ~seed)
    let retains = random.oneIn(2)
    random = SplitMix(seed: random.next() &+ UInt64(attempt))
    let oracle = try RandomGraph(seed: seed, steps: steps, features: features)
    let expected = try outcome(oracle) { () throws(TensorError) in
      try SerialEngine.backward(oracle.roots, gradients: oracle.seeds, retainGraph: retains)
    }
    var found: [Mismatch] = []
    for team in teams {
      let graph = try RandomGraph(seed: seed, steps: steps, features: features)
      // A retained graph goes back twice; the second time its gradients double what is there.
      for round in 0..<(retains ? 2 : 1) {
        if round > 0 { try graph.clearGradients() }
        var settings = PassSettings()
        settings.retainGraph = retains
        settings.engine = .team
        settings.sumsInArrivalOrder = sumsInArrivalOrder
        let perturber = Perturber(seed: random.next())
        settings.perturb = { perturber($0) }
        // A bound that most graphs pass: memory decides what goes first, of some from the first node on.
        if random.oneIn(3) { settings.breadthLimit = random.below(3) << 12 }
        let places = team.topology.nodes.count
        if places > 1 {
          let start = random.next()
          settings.home = { node in
            var random = SplitMix(seed: start &+ UInt64(node))
            return random.below(places + 1) - 1
          }
        }
        let muster =
          noting == nil ? nil : try Muster(width: team.width, patience: patience)
        settings.tracker = muster?.tracker
        // The last roots are the first in serial order: an error in the graph keeps no node of theirs from running.
        let roots = graph.roots + (muster?.roots ?? [])
        let seeds = graph.seeds + (muster?.roots ?? []).map { _ in nil }
        let result = try outcome(graph) { () throws(TensorError) in
          try WorkerTeam.withTeam(team) { () throws(TensorError) in
            try Tensor.backward(roots, gradients: seeds, settings)
          }
        }
        if let noting, let muster { noting(team.width, muster.tracker.peak) }
        if result != expected {
          let reason =
            result.error == expected.error
            ? "other bits\(try difference(graph, oracle))"
            : "threw \(result.error ?? "nothing"), not \(expected.error ?? "nothing")"
          found.append(Mismatch(seed: seed, width: team.width, reason: reason))
        }
      }
    }
    return found
  }

  /// The first gradient that differs, for the report.
  private static func difference(
    _ found: RandomGraph, _ expected: RandomGraph
  ) throws(TensorError) -> String {
    for (index, (a, b)) in zip(found.gradients, expected.gradients).enumerated() {
      guard let a, let b else {
        if a == nil, b == nil { continue }
        return ": gradient \(index) is \(a == nil ? "missing" : "too many")"
      }
      if a.strides != b.strides { return ": gradient \(index) has other strides" }
      let (words, others) = (try a.words(), try b.words())
      if let place = zip(words, others).enumerated().first(where: { $0.1.0 != $0.1.1 })?.offset {
        let (x, y) = (try a.scalars(as: Double.self)[place], try b.scalars(as: Double.self)[place])
        return ": gradient \(index) of \(found.leaves.count) leaves and "
          + "\(found.retaining.count) retained ones, element \(place): \(x), not \(y)"
      }
    }
    return ""
  }

  private static func outcome(
    _ graph: RandomGraph, _ pass: () throws(TensorError) -> Void
  ) throws(TensorError) -> Outcome {
    var thrown: String?
    do { try pass() } catch { thrown = "\(error)" }
    return Outcome(digest: try graph.digest(), error: thrown)
  }
}
