import Synchronization
import TestTools
import TributaryParallel
import TributarySplitMix

/// A directed acyclic graph whose edges lead upwards, some of them doubled.
final class RandomGraph: Sendable {
  let successors: [[Int]]
  let dependencies: [Int32]
  let priorities: [Float]

  var count: Int { successors.count }

  init(count: Int, fanOut: Int, reach: Int, seed: UInt64) {
    var random = SplitMix(seed: seed)
    var successors = [[Int]](repeating: [], count: count)
    var dependencies = [Int32](repeating: 0, count: count)
    for node in 0..<count where node + 1 < count {
      for _ in 0..<Int.random(in: 0...fanOut, using: &random) {
        let target = Int.random(in: node + 1...min(count - 1, node + reach), using: &random)
        successors[node].append(target)
        dependencies[target] += 1
      }
    }
    var priorities = [Float](repeating: 0, count: count)
    for node in (0..<count).reversed() {
      priorities[node] = 100 + (successors[node].map { priorities[$0] }.max() ?? 0)
    }
    self.successors = successors
    self.dependencies = dependencies
    self.priorities = priorities
  }
}

/// What a run did: how often each node ran, and whether something it depends on had not.
final class Ledger: Sendable {
  // SAFETY: made once, freed with the ledger.
  private nonisolated(unsafe) let runs: UnsafeMutablePointer<Atomic<Int>>
  private nonisolated(unsafe) let arrived: UnsafeMutablePointer<Atomic<Int>>
  private let graph: RandomGraph
  let early = Atomic<Int>(0)

  init(_ graph: RandomGraph) {
    self.graph = graph
    runs = .allocate(capacity: graph.count)
    arrived = .allocate(capacity: graph.count)
    for node in 0..<graph.count {
      (runs + node).initialize(to: Atomic(0))
      (arrived + node).initialize(to: Atomic(0))
    }
  }

  deinit {
    runs.deallocate()
    arrived.deallocate()
  }

  func visit(_ node: Int) {
    if arrived[node].load(ordering: .relaxed) != Int(graph.dependencies[node]) {
      early.add(1, ordering: .relaxed)
    }
    runs[node].add(1, ordering: .relaxed)
    for successor in graph.successors[node] { arrived[successor].add(1, ordering: .relaxed) }
  }

  func runs(of node: Int) -> Int { runs[node].load(ordering: .relaxed) }

  var allOnce: Bool { (0..<graph.count).allSatisfy { runs(of: $0) == 1 } }
}

extension RandomGraph {
  /// Runs the graph, telling the ledger of each node before `body`.
  func run(
    on team: WorkerTeam, options: PassOptions = PassOptions(), ledger: Ledger,
    body: (Int) throws -> Void = { _ in }
  ) -> PassOutcome {
    DependencyScheduler.run(
      count: count, dependencies: dependencies, priorities: priorities, on: team, options: options
    ) { node, context in
      ledger.visit(node)
      try body(node)
      for successor in successors[node] { context.satisfied(successor) }
    }
  }
}

/// Works for about so many microseconds, or gives up its time slice, by the draw of a node's number.
@Sendable func disturb(_ node: Int) {
  var random = SplitMix(seed: UInt64(node) &* 77 &+ nanosecondsNow())
  switch random.next() % 8 {
  case 0: spin(microseconds: 5)
  case 1: spin(microseconds: 30)
  case 2: yieldThread()
  default: break
  }
}

let widths = [1, 2, 3, 4, 8, 16]

extension PassOutcome {
  var isCompleted: Bool { if case .completed = self { true } else { false } }
  var isCancelled: Bool { if case .cancelled = self { true } else { false } }
  var failedPosition: Int? { if case .failed(let position, _) = self { position } else { nil } }
}

struct NodeError: Error, Equatable {
  let node: Int
}
