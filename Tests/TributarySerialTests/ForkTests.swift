import Glibc
import TestTools
import Testing
import Tributary
import TributaryParallel
import TributaryStress

extension ProcessWide {
  /// The child of a process that had workers.
  @Suite struct ForkTests {
    /// What the child ends with: 0, or the number of the step that went wrong.
    private func inChild(_ x: Tensor, _ roots: [Tensor], _ team: WorkerTeam) -> Int32 {
      guard WorkerTeam.poisonedByFork, let old = x.grad, let words = try? old.words() else {
        return 1
      }
      for (step, engine) in [PassSettings.Engine.team, .automatic].enumerated() {
        var settings = PassSettings()
        settings.engine = engine
        settings.retainGraph = true
        do {
          try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
          return 2 + Int32(step)
        } catch {
          guard case .forked? = (error as? TensorError)?.kind else { return 4 + Int32(step) }
        }
        guard x.grad === old, (try? old.words()) == words else { return 6 + Int32(step) }
      }
      // What needs no worker still goes back.
      guard let y = try? Tensor([3.0], requiresGrad: true), let square = try? y * y,
        (try? square.backward()) != nil, (try? y.grad?.item()) == 6
      else { return 8 }
      return 0
    }

    @Test(arguments: [2, 4]) func aChildsPassIsAnErrorAndChangesNothing(width: Int) throws {
      let team = WorkerTeam(width: width)
      let x = try Tensor.rand([200, 200], requiresGrad: true)
      let roots = try (0..<8).map { _ in try x.matmul(x).tanh().sum() }
      try WorkerTeam.withTeam(team) { try Tensor.backward(roots, retainGraph: true) }
      let child = fork()
      if child == 0 {
        alarm(20)
        _exit(inChild(x, roots, team))
      }
      var status: Int32 = -1
      #expect(waitpid(child, &status, 0) == child)
      // A signal's number, or 256 times the step.
      #expect(status == 0)
      // The parent's go on.
      let grad = try #require(x.grad).detach()
      let twice = try grad + grad
      try WorkerTeam.withTeam(team) { try Tensor.backward(roots) }
      #expect(try x.grad?.hasBits(of: twice) == true)
    }

    /// The child has no thread that could end the wait, so the error has to come before it.
    @Test func aChildsAsynchronousPassIsAnErrorToo() async throws {
      let x = try Tensor.rand([200, 200], requiresGrad: true)
      let y = try x.matmul(x).sum()
      try withThreads(2) { try y.backward(retainGraph: true) }
      let old = x.grad
      let child = fork()
      if child == 0 {
        alarm(20)
        do throws(TensorError) {
          try await y.backwardAsync()
          _exit(1)
        } catch {
          guard case .forked = error.kind else { _exit(2) }
          _exit(x.grad === old ? 0 : 3)
        }
      }
      var status: Int32 = -1
      #expect(waitpid(child, &status, 0) == child)
      #expect(status == 0)
    }
  }
}
