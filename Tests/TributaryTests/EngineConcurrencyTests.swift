import TestTools
import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// Passes that several threads start at the same time.
@Suite struct EngineConcurrencyTests {
  private static let team = WorkerTeam(width: 3)

  private static var settings: PassSettings {
    var settings = PassSettings()
    settings.engine = .team
    return settings
  }

  @Test func disjointGraphsHaveTheirOwnBits() throws {
    let expected = try (0..<8).map { thread in
      let graph = try RandomGraph(seed: UInt64(thread))
      try SerialEngine.backward(graph.roots, gradients: graph.seeds)
      return try graph.digest()
    }
    let failures = Box<[String]>([])
    onThreads(8) { thread in
      do {
        for _ in 0..<20 {
          let graph = try RandomGraph(seed: UInt64(thread))
          try WorkerTeam.withTeam(Self.team) {
            try Tensor.backward(graph.roots, gradients: graph.seeds, Self.settings)
          }
          if try graph.digest() != expected[thread] {
            failures.change { $0.append("thread \(thread): other bits") }
          }
        }
      } catch {
        failures.change { $0.append("thread \(thread): \(error)") }
      }
    }
    #expect(failures.value.isEmpty, "\(failures.value)")
  }

  @Test func sharedLeavesLoseNoUpdate() throws {
    let leaves = try (0..<4).map { _ in try Tensor.full([64], 1.0, requiresGrad: true) }
    let failures = Box<[String]>([])
    onThreads(6) { thread in
      do {
        for _ in 0..<100 {
          let roots = try leaves.map { try ($0 * 1.0 + $0 * 2.0).sum() }
          try WorkerTeam.withTeam(Self.team) { try Tensor.backward(roots, Self.settings) }
        }
      } catch {
        failures.change { $0.append("\(error)") }
      }
    }
    #expect(failures.value.isEmpty, "\(failures.value)")
    for leaf in leaves {
      #expect(try leaf.grad?.scalars(as: Double.self) == Array(repeating: 1_800, count: 64))
    }
  }

  @Test func oneRetainedGraphMayBeWalkedByMany() throws {
    let graph = try RandomGraph(seed: 5, features: .hooks)
    let wanted = graph.leaves.filter(\.requiresGrad)
    let expected = try Digest.of(
      try Tensor.grad(
        of: graph.roots, withRespectTo: wanted, gradients: graph.seeds, retainGraph: true,
        allowUnused: true))
    let shared = Box(graph)
    let failures = Box<[String]>([])
    onThreads(6) { _ in
      do {
        let graph = shared.value
        let wanted = graph.leaves.filter(\.requiresGrad)
        for _ in 0..<30 {
          var settings = Self.settings
          settings.retainGraph = true
          let found = try WorkerTeam.withTeam(Self.team) {
            try Tensor.grad(
              of: graph.roots, withRespectTo: wanted, gradients: graph.seeds, allowUnused: true,
              settings)
          }
          if try Digest.of(found) != expected { failures.change { $0.append("other bits") } }
        }
      } catch {
        failures.change { $0.append("\(error)") }
      }
    }
    #expect(failures.value.isEmpty, "\(failures.value)")
  }

  /// Of two passes over one graph that is not retained, what one needs may be gone: an error, not a crash.
  @Test func oneSpentGraphIsAnErrorForTheLater() throws {
    func graph() throws -> (Tensor, Tensor) {
      let x = try Tensor.full([8], 0.5, requiresGrad: true)
      return (x, try x.exp().tanh().sigmoid().square().sum())
    }
    let (alone, loss) = try graph()
    try loss.backward()
    let expected = try #require(alone.grad)
    for _ in 0..<50 {
      let (x, y) = try graph()
      let successes = Box(0)
      onThreads(3) { _ in
        do {
          try WorkerTeam.withTeam(Self.team) { try Tensor.backward([y], Self.settings) }
          successes.change { $0 += 1 }
        } catch {
          guard case .autograd = (error as? TensorError)?.kind else {
            Issue.record("\(error)")
            return
          }
        }
      }
      // Whole gradients or none: those that got through all nodes before another released them have added theirs.
      var sum: Tensor?
      for _ in 0..<successes.value { sum = try sum.map { try $0 + expected } ?? expected }
      guard let sum else {
        #expect(x.grad == nil)
        continue
      }
      #expect(try x.grad?.hasBits(of: sum) == true)
    }
  }

  /// As many workers as asked for are inside a wide pass at the same time.
  @Test(arguments: [1, 2, 3, 4, 8])
  func wideGraphsUseTheWholeTeam(_ width: Int) throws {
    let team = WorkerTeam(width: width)
    var peak = 0
    for _ in 0..<20 where peak < width {
      let x = try Tensor.ones([4], requiresGrad: true)
      let roots = try (0..<64).map { _ in
        let y = try x * 2.0
        // Long enough for all to come.
        try y.registerHook { gradient in
          sleepBriefly()
          return nil
        }
        return try y.sum()
      }
      let tracker = PeakTracker()
      var settings = Self.settings
      settings.tracker = tracker
      try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
      #expect(try x.grad?.scalars(as: Double.self) == Array(repeating: 128, count: 4))
      peak = max(peak, tracker.peak)
      #expect(tracker.peak <= width)
    }
    #expect(peak == width)
  }
}
