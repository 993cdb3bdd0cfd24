import CTributaryShims
import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// Random graphs: the parallel engine has the serial engine's bits, strides and errors at every width.
/// One after another, and alone: each pass waits until all threads of its team are there, and tests share the teams.
@Suite(.serialized) struct EngineRandomGraphTests {
  private static let teams = [1, 2, 3, 4, 8, 16].map { WorkerTeam(width: $0) }
  /// As if the cores lay on two NUMA nodes.
  private static let apart: [WorkerTeam] = {
    let cores = AffinityMask.ofProcess?.cores ?? [0]
    let half = (cores.count + 1) / 2
    let topology = Topology(nodes: [
      .init(id: 0, cores: Array(cores[..<half])),
      .init(id: 2, cores: Array(cores.count > 1 ? cores[half...] : cores[...])),
    ])
    return [2, 4].map { WorkerTeam(width: $0, topology: topology) }
  }()

  /// Also: by the tracker, in every pass as many threads are inside at once as the team has.
  private func compare(
    _ seeds: Range<UInt64>, _ teams: [WorkerTeam], _ features: RandomGraph.Features
  ) throws {
    for seed in seeds {
      let mismatches = try EngineComparison.compare(
        seed: seed, teams: teams, features: features, patience: .seconds(20)
      ) { width, peak in
        #expect(peak == width, "seed \(seed)")
      }
      for mismatch in mismatches { Issue.record("\(mismatch)") }
    }
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func everyWidthGivesTheSerialBits(_ block: UInt64) throws {
    try compare(block * 30..<block * 30 + 30, Self.teams, .all)
  }

  /// Where queues of NUMA nodes take part, and inputs lie anywhere.
  @Test(arguments: 0..<5 as Range<UInt64>)
  func twoNodesGiveTheSerialBits(_ block: UInt64) throws {
    try compare(
      20_000 + block * 30..<20_030 + block * 30, Self.apart,
      block % 2 == 1 ? [.all, .faults] : .all)
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func everyWidthThrowsTheSerialError(_ block: UInt64) throws {
    try compare(10_000 + block * 20..<10_020 + block * 20, Self.teams, [.all, .faults])
  }

  /// The comparison is worth something: summing in order of arrival is found.
  @Test func sumsInArrivalOrderAreFound() throws {
    let teams = [WorkerTeam(width: 2), WorkerTeam(width: 4)]
    var found = 0
    for seed in 0..<100 as Range<UInt64> {
      found += try EngineComparison.compare(
        seed: seed, teams: teams, sumsInArrivalOrder: true
      ).count
      if found > 3 { return }
    }
    Issue.record("a planted fault was found \(found) times in 100 graphs")
  }

  /// A graph that fails is shrunk to what it takes, and what is left still fails.
  @Test func whatFailsIsShrunk() throws {
    // A comparison that fails whenever steps 4 and 17 are there.
    let shrunk = try GraphShrinker { steps, _ in steps.contains(4) && steps.contains(17) }
      .shrink(Array(0..<50))
    #expect(shrunk == [4, 17])
    // One that fails by chance.
    let byChance = try GraphShrinker { steps, attempt in steps.contains(9) && attempt == 7 }
      .shrink(Array(0..<50))
    #expect(byChance == [9])
    for seed in 0..<50 as Range<UInt64> {
      let part = (0..<RandomGraph.stepCount(seed: seed)).filter { $0 % 3 == 1 }
      #expect(try EngineComparison.compare(seed: seed, steps: part, teams: Self.teams).isEmpty)
    }
  }

  /// A caller that rounds otherwise gets the same bits, with any number of threads.
  @Test func theCallersRoundingReachesNoBit() throws {
    func digest(_ width: Int, _ mode: UInt64) throws -> UInt64 {
      let found = tri_fp_get()
      tri_fp_set(mode)
      defer { tri_fp_set(found) }
      return try withThreads(width) {
        let x = try Tensor.full([50_000], 0.7, requiresGrad: true)
        let parts = try concurrentMap(0..<8) { i throws(TensorError) in
          try ((x * x * 0.01).tanh() * (3.1 + Double(i))).mean()
        }
        try Tensor.stack(parts).sum().backward()
        return try Digest.of([x.grad] + parts)
      }
    }
    let expected = try digest(1, tri_fp_standard())
    for width in [1, 2, 4] {
      // Upwards, and with denormals flushed to zero.
      for mode in [tri_fp_standard() | 0x4000, tri_fp_standard() | 0x8040] {
        #expect(try digest(width, mode) == expected, "width \(width), mode \(mode)")
      }
    }
  }

  /// Equal seeds record equal graphs: without this the comparisons would mean nothing.
  @Test func graphsRepeat() throws {
    for seed in 0..<20 as Range<UInt64> {
      let digests = try (0..<2).map { _ in
        let graph = try RandomGraph(seed: seed)
        try Tensor.backward(graph.roots, gradients: graph.seeds)
        return try graph.digest()
      }
      #expect(digests[0] == digests[1])
    }
  }

  /// `grad(of:withRespectTo:)` of a part of the leaves has the bits of `backward`.
  @Test func partialPassesHaveTheWholePassesBits() throws {
    for seed in 0..<60 as Range<UInt64> {
      let graph = try RandomGraph(seed: seed, features: .hooks)
      try Tensor.backward(graph.roots, gradients: graph.seeds, retainGraph: true)
      for leaf in graph.leaves where leaf.requiresGrad {
        for engine in [PassSettings.Engine.caller, .team] {
          var settings = PassSettings()
          settings.retainGraph = true
          settings.engine = engine
          let gradient = try WorkerTeam.withTeam(Self.teams[3]) {
            try Tensor.grad(
              of: graph.roots, withRespectTo: [leaf], gradients: graph.seeds, allowUnused: true,
              settings)[0]
          }
          let whole = leaf.grad
          #expect((gradient == nil) == (whole == nil), "seed \(seed)")
          if let gradient, let whole { #expect(try gradient.hasBits(of: whole), "seed \(seed)") }
        }
      }
    }
  }
}
