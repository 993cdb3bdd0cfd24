import Dispatch
import Testing
import Tributary
import TributaryParallel
import TributaryStress

@Suite struct BackwardAsyncTests {
  private static func isCancelled(_ error: any Error) -> Bool {
    if case .cancelled? = (error as? TensorError)?.kind { true } else { false }
  }

  @Test(arguments: [1, 2, 4]) func givesTheBitsOfBackward(width: Int) async throws {
    for seed in 0..<20 as Range<UInt64> {
      let (plain, async) = (try RandomGraph(seed: seed), try RandomGraph(seed: seed))
      try Tensor.backward(plain.roots, gradients: plain.seeds)
      try await withThreads(width) {
        try await Tensor.backwardAsync(async.roots, gradients: async.seeds)
      }
      #expect(try async.digest() == plain.digest())
    }
  }

  @Test func errorsAreThoseOfBackward() async throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let error = await #expect(throws: TensorError.self) { try await (x * 2.0).backwardAsync() }
    let plain = #expect(throws: TensorError.self) { try (x * 2.0).backward() }
    #expect(error?.description == plain?.description)
    let y = try (x * x).sum()
    try await y.backwardAsync()
    await #expect(throws: TensorError.self) { try await y.backwardAsync() }
    #expect(try x.grad?.scalars(as: Double.self) == [2, 4])
  }

  @Test func modesAndHooksSeeTheTasksValues() async throws {
    let x = try Tensor([3.0], requiresGrad: true)
    let y = try x * x
    let seen = Box<[Int]>([])
    try y.registerHook { _ in
      seen.change { $0.append(numThreads) }
      return nil
    }
    try await withThreads(3) { try await y.backwardAsync(createGraph: true) }
    #expect(seen.value == [3])
    #expect(x.grad?.requiresGrad == true)
  }

  @Test func aCancelledTaskChangesNothing() async throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let ended = Box(0)
    for _ in 0..<20 {
      let (started, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      let middle = try x * 2.0
      try middle.registerHook { _ in
        started.signal()
        goOn.wait()
        return nil
      }
      let loss = try (middle * 3.0).sum()
      let task = Task {
        do { try await loss.backwardAsync() } catch {
          if Self.isCancelled(error) { ended.change { $0 += 1 } }
        }
      }
      // Off the pool of Swift's tasks, which may have one thread.
      await withCheckedContinuation { continuation in
        let isStarted = startThread {
          started.wait()
          task.cancel()
          goOn.signal()
          continuation.resume()
        }
        #expect(isStarted)
      }
      await task.value
      #expect(x.grad == nil)
    }
    #expect(ended.value == 20)
    try await (x * 2.0).backwardAsync()
    #expect(try x.grad?.item() == 2)
  }

  @Test func aTaskCancelledBeforeRunsNothing() async throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let ran = Box(false)
    try x.registerHook { _ in
      ran.change { $0 = true }
      return nil
    }
    let loss = try x * 2.0
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      try await loss.backwardAsync()
    }
    task.cancel()
    let result = await task.result
    #expect(throws: TensorError.self) { try result.get() }
    #expect(!ran.value)
    #expect(x.grad == nil)
  }

  /// Passes whose hooks wait for a task that has not begun: with the pool's threads held it never would.
  @Test(.timeLimit(.minutes(1))) func noThreadOfThePoolWaits() async throws {
    let count = 16
    let release = DispatchSemaphore(value: 0)
    let x = try Tensor([1.0], requiresGrad: true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        let y = try x * 2.0
        try y.registerHook { _ in
          release.wait()
          return nil
        }
        group.addTask { try await y.backwardAsync() }
      }
      group.addTask(priority: .background) { for _ in 0..<count { release.signal() } }
      try await group.waitForAll()
    }
    #expect(try x.grad?.item() == Double(2 * count))
  }

  @Test(arguments: [1, 2, 3]) func noMorePassesRunThanThereAreThreads(threads: Int) async throws {
    let passes = AsyncPasses(threads: threads)
    let tracker = PeakTracker()
    let x = try Tensor.ones([64], requiresGrad: true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        let y = try (x * 2.0).sum()
        group.addTask {
          var settings = PassSettings()
          settings.tracker = tracker
          settings.engine = .team
          try await withThreads(1) { try await Tensor.backwardAsync([y], settings, on: passes) }
        }
      }
      try await group.waitForAll()
    }
    #expect(tracker.peak <= threads)
    #expect(try x.grad?.scalars(as: Double.self) == Array(repeating: 400, count: 64))
  }

  /// A pass that waits behind another ends when its task does, and leaves its graph as it was.
  @Test(.timeLimit(.minutes(1))) func aWaitingPassEndsWithItsTask() async throws {
    let passes = AsyncPasses(threads: 1)
    let (started, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let (x, y) = (try Tensor([1.0], requiresGrad: true), try Tensor([1.0], requiresGrad: true))
    let first = try x * 2.0
    try first.registerHook { _ in
      started.signal()
      goOn.wait()
      return nil
    }
    let running = Task { try await Tensor.backwardAsync([first], PassSettings(), on: passes) }
    await withCheckedContinuation { continuation in
      _ = startThread {
        started.wait()
        continuation.resume()
      }
    }
    let second = try y * 3.0 * y
    let waiting = Task { try await Tensor.backwardAsync([second], PassSettings(), on: passes) }
    waiting.cancel()
    // The first is still inside its hook.
    let result = await waiting.result
    #expect(throws: TensorError.self) { try result.get() }
    #expect(y.grad == nil)
    goOn.signal()
    try await running.value
    #expect(try x.grad?.item() == 2)
    try second.backward()
    #expect(try y.grad?.item() == 6)
  }
}
