import Testing
import Tributary
import TributaryMemory
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// How much a pass holds at once.
  @Suite struct BreadthTests {
    private let team = WorkerTeam(width: 2)
    private let size = 1 << 18  // elements; 1 MiB
    private let links = 64

    /// A long path of large products; beside each link a large gradient waits for functions that take longer than
    /// the link, and a reduction.
    ///
    /// - Parameter gate: shut by the last link's side, which the pass meets first, until the path has run.
    private func chain(_ gate: Flag?) throws -> (loss: Tensor, leaves: [Tensor]) {
      let leaves = try (0..<links).map {
        try Tensor.full([1], 1 + 1e-3 * Double($0), requiresGrad: true)
      }
      var z = try Tensor.ones([size])
      for (link, leaf) in leaves.enumerated() {
        let expanded = try (leaf * 0.5).expand([size])
        let beside = try expanded.exp().tanh().exp().tanh().exp().tanh().exp().tanh()
        z = try z * beside
        guard let gate else { continue }
        if link == 0 {
          try z.registerHook { _ in
            gate.raise()
            return nil
          }
        } else if link == links - 1 {
          try beside.registerHook { _ in
            gate.wait(seconds: 20)
            return nil
          }
        }
      }
      return (try z.sum(), leaves)
    }

    private func added(limit: Int, gate: Flag? = nil) throws -> (bytes: Int, digest: [Double]) {
      let (loss, leaves) = try chain(gate)
      var settings = PassSettings()
      settings.engine = .team
      settings.breadthLimit = limit
      // Kept, for what is released would hide what is held.
      settings.retainGraph = true
      BufferPool.resetPeak()
      let before = BufferPool.statistics.liveBytes
      try WorkerTeam.withTeam(team) { try Tensor.backward([loss], settings) }
      let bytes = BufferPool.statistics.peakLiveBytes - before
      return (bytes, try leaves.map { try $0.grad?.item() ?? .nan })
    }

    @Test func aBoundIsKeptAndChangesNoBit() throws {
      let bound = 8 << 20
      let bounded = try added(limit: bound)
      // A few nodes of two workers on top of it, where 64 MiB could wait.
      #expect(bounded.bytes < bound + (16 << 20), "\(bounded.bytes)")
      // Whoever takes the first side is held there; the path runs on, and leaves the rest waiting.
      let free = try added(limit: 1 << 40, gate: Flag())
      #expect(free.bytes > 48 << 20, "\(free.bytes)")
      #expect(bounded.digest.map(\.bitPattern) == free.digest.map(\.bitPattern))
    }
  }
}
