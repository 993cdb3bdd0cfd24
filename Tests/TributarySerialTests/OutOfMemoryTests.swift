import Testing
import Tributary
import TributaryMemory
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// A pass that runs out of memory at any point changes no gradient, and the engine goes on.
  @Suite struct OutOfMemoryTests {
    @Test(arguments: [1, 2, 4])
    func everyPointOfFailureChangesNothing(_ width: Int) throws {
      let team = WorkerTeam(width: width)
      let leaves = try (0..<3).map { _ in try Tensor.full([1_000], 0.5, requiresGrad: true) }
      var settings = PassSettings()
      settings.engine = .team
      settings.retainGraph = true
      var roots: [Tensor] = []
      for _ in 0..<6 {
        for (a, b) in zip(leaves, leaves.dropFirst()) { roots.append(try (a * b).tanh().sum()) }
      }
      try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
      let first = try leaves.map { try #require($0.grad) }
      let words = try first.map { try $0.scalars(as: Float.self) }
      var failures = 0
      var step = 0
      defer { BufferPool.setLimit(bytes: nil) }
      while true {
        BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + step * 2_000)
        step += 1
        do {
          try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
          break
        } catch {
          guard case .outOfMemory = (error as? TensorError)?.kind else { throw error }
          failures += 1
        }
        for (leaf, old) in zip(leaves, first) { #expect(leaf.grad === old) }
        #expect(step < 10_000)
      }
      BufferPool.setLimit(bytes: nil)
      #expect(failures > 3)
      for ((leaf, old), words) in zip(zip(leaves, first), words) {
        #expect(try old.scalars(as: Float.self) == words)
        #expect(try leaf.grad?.scalars(as: Float.self) == words.map { $0 * 2 })
      }
    }

    /// A graph whose walk needs memory of its own: whatever step of it is refused, the graph is as it was.
    @Test func aWalkThatFindsNoMemoryChangesNothing() throws {
      let x = try Tensor.full([1], 1.0, requiresGrad: true)
      var z = x
      for _ in 0..<20_000 { z = try z + 0.0 }
      var failures = 0
      defer { BufferPool.setLimit(bytes: nil) }
      while true {
        BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + failures * 50_000)
        do {
          try z.backward(retainGraph: true)
          break
        } catch {
          guard case .outOfMemory = error.kind else { throw error }
          failures += 1
        }
        #expect(x.grad == nil)
        #expect(failures < 1_000)
      }
      BufferPool.setLimit(bytes: nil)
      #expect(failures > 10)
      #expect(try x.grad?.item() == 1)
    }

    /// The same where many leaves are committed, several at a time: all got the seed, so that each needs a copy.
    @Test(arguments: [1, 4]) func commitOfManyIsAllOrNothing(_ width: Int) throws {
      let leaves = try (0..<200).map { _ in try Tensor.full([8_000], 0.5, requiresGrad: true) }
      let seed = try Tensor.ones([8_000])
      let old = try Tensor.zeros([8_000])
      for leaf in leaves { try leaf.setGrad(old) }
      let roots = try (0..<100).map { try leaves[$0] + leaves[199 - $0] }
      func pass() throws {
        try WorkerTeam.withTeam(WorkerTeam(width: width)) {
          try Tensor.backward(roots, gradients: roots.map { _ in seed }, retainGraph: true)
        }
      }
      defer { BufferPool.setLimit(bytes: nil) }
      // Room for half of the copies.
      BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + 100 * 32_000)
      expectRefusal("backward") { try pass() }
      for leaf in leaves { #expect(leaf.grad === old) }
      BufferPool.setLimit(bytes: nil)
      try pass()
      for leaf in leaves { #expect(try leaf.grad?.hasBits(of: seed) == true) }
    }

    /// What an index needs beside its result is counted, and refused, as any other memory.
    @Test func indicesAreWithinTheLimit() throws {
      let x = try Tensor.ones([100_000])
      defer { BufferPool.setLimit(bytes: nil) }
      // The values and their places have room (1.2 MB), but not the words that are sorted (800 kB at least).
      BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + 1_300_000)
      expectRefusal("sort") { try x.sort() }
      // Room for the bytes that say what is true (1 MB), not for the indices (8 MB).
      let mask = try Tensor.full([1], true).expand([1_000_000])
      BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + 2_000_000)
      expectRefusal("nonzero") { try mask.nonzero() }
    }

    private func expectRefusal<R>(_ operation: String, _ body: () throws -> R) {
      do {
        _ = try body()
        Issue.record("\(operation) was not refused")
      } catch {
        guard let error = error as? TensorError, case .outOfMemory = error.kind else {
          Issue.record("\(error)")
          return
        }
        #expect(error.operation == operation)
      }
    }
  }
}
