import CTributaryShims
import Synchronization
import TestTools
import Testing
import Tributary
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// Threads of the program that go back at the same time share one team's threads.
  @Suite struct ClientTests {
    private let clients = 8
    private let width = 4

    /// Two hundred passes over towers of small layers of the client's own, each adding to the last one's gradients.
    private func work(client: Int, _ settings: PassSettings) throws -> UInt64 {
      let (towers, layers, size) = (6, 3, 24)
      let generator = Generator(seed: UInt64(client))
      let x = try Tensor.randn([8, size], generator: generator)
      let weights = try (0..<towers * layers).map { _ in
        try Tensor.randn([size, size], generator: generator, requiresGrad: true)
      }
      for _ in 0..<200 {
        let roots = try (0..<towers).map { tower in
          var y = x
          for layer in 0..<layers { y = try y.matmul(weights[tower * layers + layer]).tanh() }
          return try y.sum()
        }
        try Tensor.backward(roots, settings)
      }
      return try Digest.of(weights.map(\.grad))
    }

    @Test func eightClientsHaveTheBitsAndThreadsOfOneTeam() throws {
      let team = WorkerTeam(width: width)
      var settings = PassSettings()
      settings.engine = .team
      let alone = try WorkerTeam.withTeam(team) {
        try (0..<clients).map { try work(client: $0, settings) }
      }
      #expect(Set(alone).count == clients)
      // Nodes at once, and nodes that workers ran.
      let (tracker, helped) = (PeakTracker(), PeakTracker())
      settings.tracker = tracker
      settings.perturb = { _ in if tri_thread().pointee.worker > 0 { helped.enter() } }
      let watched = settings
      // This thread counts itself, as the one that samples will.
      let idle = OwnProcess.runnableThreads
      let running = Atomic<Int>(clients)
      let wrong = Atomic<Int>(0)
      let most = Atomic<Int>(0)
      let samples = Atomic<Int>(0)
      onThreads(clients + 1) { thread in
        if thread == clients {
          // Relaxed, as all here: counts, read when the threads are joined.
          while running.load(ordering: .relaxed) > 0 {
            most.max(OwnProcess.runnableThreads, ordering: .relaxed)
            samples.add(1, ordering: .relaxed)
            OwnProcess.sleep(milliseconds: 1)
          }
          return
        }
        let digest = try? WorkerTeam.withTeam(team) { try work(client: thread, watched) }
        if digest != alone[thread] { wrong.add(1, ordering: .relaxed) }
        running.subtract(1, ordering: .relaxed)
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
      #expect(helped.peak > 0)
      #expect(tracker.peak <= width - 1 + clients)
      #expect(samples.load(ordering: .relaxed) > 0)
      // One more: a worker that has left the team may not have gone to sleep yet.
      #expect(most.load(ordering: .relaxed) <= width + clients + idle)
    }
  }
}
