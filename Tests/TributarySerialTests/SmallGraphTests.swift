import Synchronization
import Testing
import Tributary
import TributaryParallel

extension ProcessWide {
  /// A graph too small to gain from threads runs on its caller: nobody is summoned.
  @Suite struct SmallGraphTests {
    private let team = WorkerTeam(width: 4)

    /// The graph of the tutorial: a layer of 5 × 3 and its loss.
    private func step(_ x: Tensor, _ y: Tensor, _ w: Tensor, _ b: Tensor) throws {
      let z = try x.matmul(w) + b
      try binaryCrossEntropyWithLogits(z, y).backward()
    }

    @Test func aSmallGraphSummonsNobody() throws {
      let (x, y) = (try Tensor.ones([5]), try Tensor.zeros([3]))
      let w = try Tensor.randn([5, 3], requiresGrad: true)
      let b = try Tensor.randn([3], requiresGrad: true)
      try WorkerTeam.withTeam(team) {
        for _ in 0..<2_000 {
          try step(x, y, w, b)
          #expect(team.workersPresent == 0)
        }
      }
    }

    @Test func aLargeGraphDoes() throws {
      try WorkerTeam.withTeam(team) {
        let leaves = try (0..<8).map { _ in try Tensor.randn([200, 200], requiresGrad: true) }
        let losses = try leaves.map { try $0.matmul($0).tanh().sum() }
        // Asked inside the pass: soon after it the workers leave.
        let present = PeakTracker()
        let team = team
        try leaves[7].registerHook { _ in
          if team.workersPresent > 0 { present.enter() }
          return nil
        }
        try Tensor.backward(losses)
        #expect(present.peak == 1)
      }
    }

    /// A pass for one input is judged by the nodes that lead to it, not by all that are reached.
    @Test func aSmallPartOfALargeGraphSummonsNobody() throws {
      // Workers that came would still be there.
      let team = WorkerTeam(width: 4, spin: .milliseconds(500))
      let scale = try Tensor.ones([], requiresGrad: true)
      let leaves = try (0..<8).map { _ in try Tensor.randn([200, 200], requiresGrad: true) }
      let loss = try withThreads(1) {
        try Tensor.stack(leaves.map { try $0.matmul($0).tanh().sum() }).sum() * scale
      }
      try WorkerTeam.withTeam(team) {
        let found = try Tensor.grad(of: [loss], withRespectTo: [scale], retainGraph: true)
        #expect(found[0] != nil)
        #expect(team.workersPresent == 0)
        // The whole is worth a team.
        _ = try Tensor.grad(of: [loss], withRespectTo: leaves)
        #expect(team.workersPresent > 0)
      }
    }

    /// An update is judged by its elements and parameters, not by tiles as if they were full.
    @Test func aSmallUpdateSummonsNobody() throws {
      // Workers that came would still be there.
      let team = WorkerTeam(width: 2, spin: .milliseconds(500))
      // The two fill no tile of 2¹⁵ together: two tiles, of which each counted as whole.
      // Several in a row summon nobody either, other than loops.
      for _ in 0..<5 {
        let parameters = try [20_000, 15_000].map { count in try Tensor.ones([count]) }
        let update = ParameterUpdate(parameters)
        let pieces = Atomic<Int>(0)
        try WorkerTeam.withTeam(team) {
          try update.step("test") { index in
            .init(gradient: DenseGradient(parameters[index]))
          } prepare: { _ in
          } update: { _, _, count in
            pieces.add(count, ordering: .relaxed)
          }
        }
        #expect(pieces.load(ordering: .relaxed) == 35_000)
        #expect(team.workersPresent == 0)
      }
    }
  }
}
