import Dispatch
import Synchronization
import TestTools
import Testing
import Tributary
import TributaryParallel

extension ProcessWide {
  /// A pass at full width leaves Swift's tasks the threads that they start on.
  @Suite struct TaskStartTests {
    private static let priorities: [(name: String, priority: TaskPriority)] = [
      ("high", .high), ("userInitiated", .userInitiated), ("medium", .medium),
      ("utility", .utility), ("low", .low), ("background", .background),
    ]

    /// Many branches of one product each, which take the team about two seconds.
    private func branches(_ team: WorkerTeam) throws -> (leaf: Tensor, roots: [Tensor]) {
      let factor = try Tensor.rand([256, 256])
      let leaf = try Tensor.ones([4], requiresGrad: true)
      let trials = 20
      let took = try withThreads(1) {
        _ = try factor.matmul(factor)
        let start = nanosecondsNow()
        for _ in 0..<trials { _ = try factor.matmul(factor) }
        return (nanosecondsNow() - start) / UInt64(trials)
      }
      let threads = UInt64(min(team.width, Topology.current.coreCount))
      let roots = try (0..<2_000_000_000 * threads / max(took, 1)).map { _ in
        let y = try leaf * 2.0
        try y.registerHook { _ in
          _ = try factor.matmul(factor)
          return nil
        }
        return try y.sum()
      }
      return (leaf, roots)
    }

    /// From the moment that a task is asked for to its first line, in nanoseconds.
    private static func start(_ priority: TaskPriority) -> UInt64 {
      let (begun, said) = (Moment(), DispatchSemaphore(value: 0))
      let asked = nanosecondsNow()
      Task.detached(priority: priority) {
        begun.set(nanosecondsNow())
        said.signal()
      }
      said.wait()
      return begun.nanoseconds - asked
    }

    /// Runs `body` to its end: in a task of this priority, or here.
    private static func run(in priority: TaskPriority?, _ body: @escaping @Sendable () -> Void) {
      guard let priority else { return body() }
      let over = DispatchSemaphore(value: 0)
      Task.detached(priority: priority) {
        body()
        over.signal()
      }
      over.wait()
    }

    /// Starts tasks while a pass runs, whose caller is a thread of the program or a task of the priority.
    private func expectStarts(of caller: TaskPriority?, _ team: WorkerTeam) async throws {
      let (leaf, roots) = try branches(team)
      let tracker = PeakTracker()
      let (isRunning, isOver) = (Flag(), Flag())
      let rounds = 30
      // Threads of their own: one of the pool's that waited would be missing where tasks start.
      let times = await withCheckedContinuation { continuation in
        let measure: @Sendable () -> Void = {
          nonisolated(unsafe) var times = Self.priorities.map { _ in [UInt64]() }
          onThreads(2) { thread in
            if thread == 0 {
              Self.run(in: caller) {
                var settings = PassSettings()
                settings.engine = .team
                settings.tracker = tracker
                isRunning.raise()
                WorkerTeam.withTeam(team) { try? Tensor.backward(roots, settings) }
                isOver.raise()
              }
              return
            }
            isRunning.wait(seconds: 20)
            for _ in 0..<rounds {
              for (index, entry) in Self.priorities.enumerated() {
                // For the pass to take its threads again.
                OwnProcess.sleep(milliseconds: 2)
                let time = Self.start(entry.priority)
                if !isOver.isRaised { times[index].append(time) }
              }
            }
          }
          continuation.resume(returning: times)
        }
        if !startThread(measure) { continuation.resume(returning: []) }
      }
      #expect(tracker.peak == team.width)
      #expect(times.count == Self.priorities.count)
      for (entry, times) in zip(Self.priorities, times) {
        // Those while the pass ran: as many as a median wants.
        #expect(times.count >= 10, "\(entry.name)")
        if times.isEmpty { continue }
        let sorted = times.sorted().map { Double($0) / 1e6 }
        let (median, most) = (sorted[sorted.count / 2], sorted[sorted.count - 1])
        print("a task of priority \(entry.name) starts after \(median) ms, at most \(most) ms")
        #expect(median <= 20, "\(entry.name)")
        // One in five may meet the machine's other work.
        #expect(sorted[sorted.count * 4 / 5] <= 20, "\(entry.name)")
      }
      let expected = Array(repeating: 2.0 * Double(roots.count), count: 4)
      #expect(try leaf.grad?.scalars(as: Double.self) == expected)
    }

    // The only test that asserts a time: here a time is the promise.

    @Test(.timeLimit(.minutes(1)), arguments: [nil, .medium, .high] as [TaskPriority?])
    func tasksOfEveryPriorityStartInTime(caller: TaskPriority?) async throws {
      try await expectStarts(of: caller, .shared)
    }
  }
}

private final class Moment: Sendable {
  // Relaxed: read after a semaphore.
  private let content = Atomic<UInt64>(0)

  var nanoseconds: UInt64 { content.load(ordering: .relaxed) }

  func set(_ nanoseconds: UInt64) { content.store(nanoseconds, ordering: .relaxed) }
}
