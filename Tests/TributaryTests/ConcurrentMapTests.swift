import Testing
import Tributary
import TributaryParallel
import TributaryStress

@Suite struct ConcurrentMapTests {
  private struct Own: Error, Equatable { let index: Int }

  @Test(arguments: [1, 2, 3, 8])
  func resultsAreInOrder(_ width: Int) throws {
    let squares = WorkerTeam.withTeam(WorkerTeam(width: width)) {
      concurrentMap(0..<1_000) { $0 * $0 }
    }
    #expect(squares == (0..<1_000).map { $0 * $0 })
    #expect(concurrentMap([Int]()) { $0 }.isEmpty)
  }

  @Test(arguments: [1, 2, 3, 8])
  func theFirstErrorByIndexIsThrown(_ width: Int) throws {
    let team = WorkerTeam(width: width)
    for round in 0..<50 {
      let error = #expect(throws: Own.self) {
        try WorkerTeam.withTeam(team) {
          _ = try concurrentMap(0..<40) { index throws(Own) -> Int in
            if index % 7 == 5 || index == 3 + round % 2 { throw Own(index: index) }
            return index
          }
        }
      }
      #expect(error == Own(index: 3 + round % 2))
    }
  }

  /// An object that counts those alive; an error too.
  private final class Counted: Error, Sendable {
    let index: Int
    private let live: Counter
    init(_ index: Int, _ live: Counter) {
      (self.index, self.live) = (index, live)
      live.add(1)
    }
    deinit { live.add(-1) }
  }

  /// Outputs and errors end once, those beside a branch that throws too.
  @Test(arguments: [1, 2, 3, 8]) func nothingIsLeft(_ width: Int) throws {
    let live = Counter()
    let team = WorkerTeam(width: width)
    for round in 0..<20 {
      WorkerTeam.withTeam(team) {
        let all = concurrentMap(0..<100) { Counted($0, live) }
        #expect(all.map(\.index) == Array(0..<100))
        withExtendedLifetime(all) { #expect(live.total == 100) }
      }
      let error = #expect(throws: Counted.self) {
        try WorkerTeam.withTeam(team) {
          _ = try concurrentMap(0..<100) { index throws(Counted) -> Counted in
            if index % 9 == round % 9 { throw Counted(index, live) }
            return Counted(index, live)
          }
        }
      }
      #expect(error?.index == round % 9)
    }
    #expect(live.total == 0)
  }

  @Test func branchesMayGiveNothing() {
    let runs = Counter()
    #expect(concurrentMap(0..<70) { _ in runs.add(1) }.count == 70)
    #expect(runs.total == 70)
  }

  /// What is recorded in a branch knows which one, for the backward pass; the innermost counts.
  @Test(arguments: [1, 2, 8]) func nodesKnowTheirBranch(_ width: Int) throws {
    let x = try Tensor.ones([4], requiresGrad: true)
    try WorkerTeam.withTeam(WorkerTeam(width: width)) {
      let made = try concurrentMap(0..<20) { index in
        if index == 19 { _ = try? concurrentMap(0..<3) { throw Own(index: $0) } }
        let inner = try concurrentMap(0..<5) { _ in try x * 3.0 }
        return (outer: try x * 2.0, inner: inner)
      }
      for (index, made) in made.enumerated() {
        #expect(made.outer.gradFn?.place == BranchPlace(index, of: 20))
        for (index, inner) in made.inner.enumerated() {
          #expect(inner.gradFn?.place == BranchPlace(index, of: 5))
        }
      }
    }
    #expect(try (x * 2.0).gradFn?.place == BranchPlace(word: 0))
  }

  @Test(arguments: [1, 2, 3, 8])
  func branchesHaveTheCallersMode(_ width: Int) throws {
    let x = try Tensor.ones([4], requiresGrad: true)
    try WorkerTeam.withTeam(WorkerTeam(width: width)) {
      let frozen = try noGrad {
        try concurrentMap(0..<20) { _ in (try x * 2.0, isGradEnabled) }
      }
      #expect(frozen.allSatisfy { !$0.0.requiresGrad && !$0.1 })
      let recorded = try concurrentMap(0..<20) { index in
        // A mode in one branch is not another's.
        index % 2 == 0 ? try noGrad { try x * 2.0 } : try x * 2.0
      }
      for (index, tensor) in recorded.enumerated() {
        #expect(tensor.requiresGrad == (index % 2 == 1))
      }
    }
    #expect(isGradEnabled)
  }

  /// Random numbers, values and gradients do not depend on the width, and the generator advances by one draw.
  @Test func randomNumbersDoNotDependOnTheWidth() throws {
    var digests: Set<UInt64> = []
    for width in [1, 1, 2, 3, 8] {
      let generator = Generator(seed: 42)
      let w = try Tensor.full([8, 8], 0.25, requiresGrad: true)
      let outputs = try Generator.with(generator) {
        try WorkerTeam.withTeam(WorkerTeam(width: width)) {
          let losses = try concurrentMap(0..<16) { _ in
            let x = try Tensor.randn([4, 8])
            let noise = try Tensor.rand([4, 8])
            return try (x.matmul(w) + noise).tanh().sum()
          }
          var settings = PassSettings()
          settings.engine = .team
          try Tensor.backward(losses, settings)
          return losses
        }
      }
      #expect(generator.draws == 1)
      #expect(Set(try outputs.map { try $0.item() }).count == 16)
      digests.insert(try Digest.of(outputs + [w.grad]))
    }
    #expect(digests.count == 1)
  }

  @Test func nestedMapsDrawFromTheirOwnStreams() throws {
    func draw(_ width: Int) throws -> [Double] {
      try Generator.with(Generator(seed: 1)) {
        try WorkerTeam.withTeam(WorkerTeam(width: width)) {
          try concurrentMap(0..<4) { _ in
            try concurrentMap(0..<4) { _ in try Tensor.rand([]).item() } + [Tensor.rand([]).item()]
          }.flatMap { $0 }
        }
      }
    }
    let one = try draw(1)
    #expect(Set(one).count == 20)
    for width in [2, 3, 8] { #expect(try draw(width) == one) }
  }

  /// A graph recorded by branches is the graph of the serial loop.
  @Test(arguments: [1, 2, 3, 8])
  func recordedGraphsEqualTheSerialLoops(_ width: Int) throws {
    func gradient(_ map: ([Int], @Sendable (Int) throws -> Tensor) throws -> [Tensor]) throws
      -> Tensor
    {
      let w = try Tensor([0.3, -0.2, 0.9], requiresGrad: true)
      let parts = try map(Array(0..<20)) { index in
        try ((w * (Double(index) + 0.1)).tanh() * w).sum()
      }
      try Tensor.stack(parts).sum().backward()
      return try #require(w.grad)
    }
    let serial = try gradient { indices, body in try indices.map(body) }
    let concurrent = try WorkerTeam.withTeam(WorkerTeam(width: width)) {
      try gradient { indices, body in try concurrentMap(indices, body) }
    }
    #expect(try serial.hasBits(of: concurrent))
  }

  @Test func branchesMayRunPasses() throws {
    let x = try Tensor.ones([4], requiresGrad: true)
    try WorkerTeam.withTeam(WorkerTeam(width: 4)) {
      _ = try concurrentMap(0..<16) { _ in
        var settings = PassSettings()
        settings.engine = .team
        try Tensor.backward([(x * 2.0).sum(), (x * 3.0).sum()], settings)
      }
    }
    #expect(try x.grad?.scalars(as: Double.self) == Array(repeating: 80, count: 4))
  }
}
