import CTributaryKernels
import TestSupport
import Testing
import Tributary
import TributaryParallel
import TributarySplitMix
import TributaryStress

/// What holds for every operator.
@Suite struct CatalogueTests {
  private static let teams = [1, 2, 3, 8].map { WorkerTeam(width: $0) }

  /// The leaves of each sample, and the operator as a function of them.
  private func forEachSample(
    _ entry: CatalogueEntry, dtype: DType = .float64,
    _ body: (_ leaves: [Tensor], _ function: @escaping ([Tensor]) throws -> [Tensor], String) throws
      -> Void
  ) throws {
    for (number, operands) in entry.samples.enumerated() {
      var random = SplitMix(seed: UInt64(number))
      let leaves = try operands.map { try $0.leaf(&random, dtype: dtype) }
      let label = "sample \(number): \(operands.map { "\($0.shape) \($0.form)" })"
      do {
        try body(
          leaves, { try entry.call(zip(operands, $0).map { try $0.view(of: $1) }) }, label)
      } catch {
        Issue.record("\(entry.name), \(label): \(error)")
      }
    }
  }

  @Test(arguments: Catalogue.differentiable)
  func gradientsEqualDifferences(_ entry: CatalogueEntry) throws {
    try forEachSample(entry) { leaves, function, _ in
      try gradcheck(leaves, atol: entry.atol, function)
    }
  }

  @Test(arguments: Catalogue.differentiable.filter(\.isTwiceDifferentiable))
  func secondGradientsEqualDifferences(_ entry: CatalogueEntry) throws {
    try forEachSample(entry) { leaves, function, _ in
      try gradgradcheck(leaves, atol: entry.atol, function)
    }
  }

  @Test(arguments: Catalogue.all)
  func stridedOperandsGiveTheSameValues(_ entry: CatalogueEntry) throws {
    for (number, operands) in entry.samples.enumerated()
    where operands.contains(where: { $0.form != .dense }) {
      var random = SplitMix(seed: UInt64(number))
      let views = try operands.map { try $0.view(of: $0.leaf(&random)) }
      let strided = try entry.call(views)
      let dense = try entry.call(views.map { try $0.clone() })
      #expect(strided.count == dense.count)
      for (a, b) in zip(strided, dense) {
        #expect(try a.isNear(b), "\(entry.name), sample \(number)")
      }
    }
  }

  @Test(arguments: Catalogue.all)
  func everyWidthGivesTheSerialEnginesBits(_ entry: CatalogueEntry) throws {
    for dtype in [DType.float64, .float32, .bfloat16] {
      try forEachSample(entry, dtype: dtype) { leaves, function, label in
        let expected = try Self.gradients(leaves, function) {
          try SerialEngine.backward($0, gradients: $1)
        }
        for team in Self.teams {
          let found = try Self.gradients(leaves, function) { roots, seeds in
            var settings = PassSettings()
            settings.engine = .team
            try WorkerTeam.withTeam(team) {
              try Tensor.backward(roots, gradients: seeds, settings)
            }
          }
          #expect(expected == found, "\(entry.name), \(dtype), \(team.width) threads, \(label)")
        }
      }
    }
  }

  @Test(arguments: Catalogue.all.filter { !$0.refuses.isEmpty })
  func badOperandsAreRefused(_ entry: CatalogueEntry) {
    for (number, refused) in entry.refuses.enumerated() {
      do {
        try refused()
        Issue.record("\(entry.name) took bad operands \(number)")
      } catch {
        #expect(error is TensorError, "\(entry.name): \(error)")
      }
    }
  }

  /// The digest of values and gradients of three calls of the operator that share their operands.
  static func gradients(
    _ leaves: [Tensor], _ function: ([Tensor]) throws -> [Tensor],
    _ backward: ([Tensor], [Tensor?]) throws -> Void
  ) throws -> UInt64 {
    for leaf in leaves { try leaf.setGrad(nil) }
    var outputs: [Tensor] = []
    for _ in 0..<3 { outputs += try function(leaves) }
    let generator = Generator(seed: 7)
    let roots = outputs.filter(\.requiresGrad)
    let seeds = try roots.map { try Tensor.randn($0.shape, dtype: $0.dtype, generator: generator) }
    if !roots.isEmpty { try backward(roots, seeds) }
    return try Digest.of(outputs + leaves.map(\.grad))
  }

  /// Printed for comparison between kernel paths, which belong to a process: see `Scripts/check-kernel-paths`.
  @Test func digestOfAllOperators() throws {
    var digest = Digest()
    for entry in Catalogue.all {
      for dtype in [DType.float64, .float32, .float16, .bfloat16] {
        try forEachSample(entry, dtype: dtype) { leaves, function, _ in
          digest.add(
            try Self.gradients(leaves, function) { try Tensor.backward($0, gradients: $1) })
        }
      }
    }
    // With the path that ran, so that a run on another than was asked for shows.
    let path = String(cString: tri_path_name(kernels.pointee.path))
    print("catalogue digest \(path) \(String(digest.value, radix: 16))")
  }
}
