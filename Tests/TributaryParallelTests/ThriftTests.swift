import Synchronization
import TestTools
import Testing
import TributaryParallel

/// A path of nodes, the even ones, each of which leaves something beside it that the next odd one takes away.
@Suite struct ThriftTests {
  private let links = 64
  private let held = Counter()

  /// - Returns: the most that was held at once.
  private func run(
    width: Int, bound: Int?, beside: () -> Void
  ) throws -> (most: Int, outcome: PassOutcome) {
    let count = 2 * links
    let dependencies = (0..<count).map { Int32($0 == 0 ? 0 : 1) }
    // The path is long, what lies beside it short.
    let priorities = (0..<count).map { $0 % 2 == 0 ? Float(count - $0) * 100 : 10 }
    let frees = UnsafeMutablePointer<Bool>.allocate(capacity: count)
    defer { frees.deallocate() }
    for node in 0..<count { (frees + node).initialize(to: node % 2 == 1) }
    let held = held
    var options = PassOptions()
    if let bound { options.thrift = Thrift(frees: frees) { held.now > bound } }
    let outcome = DependencyScheduler.run(
      count: count, dependencies: dependencies, priorities: priorities,
      on: WorkerTeam(width: width), options: options
    ) { node, context in
      if node % 2 == 0 {
        held.add(1)
        if node + 2 < count { context.satisfied(node + 2) }
        context.satisfied(node + 1)
      } else {
        beside()
        held.add(-1)
      }
    }
    return (held.most, outcome)
  }

  @Test func withoutABoundThePathRunsAhead() throws {
    // Whoever has taken a node beside the path keeps it until the path has run.
    let start = nanosecondsNow()
    let found = try run(width: 2, bound: nil) {
      while held.added < links, nanosecondsNow() - start < 20_000_000_000 { yieldThread() }
    }
    #expect(found.outcome.isCompleted)
    #expect(found.most >= links - 1)
  }

  @Test(arguments: [1, 2, 3, 8]) func aBoundHoldsThePathBack(width: Int) throws {
    let found = try run(width: width, bound: 8) { spin(microseconds: 20) }
    #expect(found.outcome.isCompleted)
    // Each worker may add one before it sees what the others have added.
    #expect(found.most <= 8 + 1 + width)
    #expect(held.now == 0)
  }
}

/// What is held, and the most that was.
private final class Counter: Sendable {
  private let value = Atomic<Int>(0)
  private let highest = Atomic<Int>(0)
  private let additions = Atomic<Int>(0)

  var now: Int { value.load(ordering: .relaxed) }
  var most: Int { highest.load(ordering: .relaxed) }
  var added: Int { additions.load(ordering: .relaxed) }

  func add(_ change: Int) {
    let sum = value.wrappingAdd(change, ordering: .relaxed).newValue
    highest.max(sum, ordering: .relaxed)
    if change > 0 { additions.wrappingAdd(1, ordering: .relaxed) }
  }
}
