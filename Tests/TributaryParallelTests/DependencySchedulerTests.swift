import Synchronization
import TestTools
import Testing
import TributaryParallel
import TributarySplitMix

@Suite struct DependencySchedulerTests {
  @Test(arguments: widths)
  func eachNodeRunsOnceAfterWhatItDependsOn(width: Int) {
    let team = WorkerTeam(width: width)
    for seed in 0..<40 as Range<UInt64> {
      let graph = RandomGraph(
        count: 1 + Int(seed) * 13, fanOut: Int(seed % 4) + 1, reach: seed % 3 == 0 ? 3 : 60,
        seed: seed)
      let ledger = Ledger(graph)
      var options = PassOptions()
      if seed % 2 == 0 { options.perturb = disturb }
      #expect(graph.run(on: team, options: options, ledger: ledger).isCompleted)
      #expect(ledger.allOnce)
      #expect(ledger.early.load(ordering: .relaxed) == 0)
    }
  }

  @Test(arguments: widths)
  func theErrorIsTheSerialOne(width: Int) {
    let team = WorkerTeam(width: width)
    for seed in 0..<40 as Range<UInt64> {
      let graph = RandomGraph(count: 300, fanOut: 3, reach: 40, seed: seed)
      var random = SplitMix(seed: seed)
      let failing = Set((0..<5).map { _ in Int.random(in: 0..<300, using: &random) })
      let first = failing.min() ?? 0
      let ledger = Ledger(graph)
      var options = PassOptions()
      options.perturb = disturb
      let outcome = graph.run(on: team, options: options, ledger: ledger) { node in
        if failing.contains(node) { throw NodeError(node: node) }
      }
      guard case .failed(let position, let error) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
      #expect(position == first)
      #expect(error as? NodeError == NodeError(node: first))
      #expect((0...first).allSatisfy { ledger.runs(of: $0) == 1 })
      #expect((first..<300).allSatisfy { ledger.runs(of: $0) <= 1 })
    }
  }

  @Test(arguments: widths)
  func cancellationEndsThePass(width: Int) {
    let team = WorkerTeam(width: width)
    for seed in 0..<20 as Range<UInt64> {
      let graph = RandomGraph(count: 400, fanOut: 2, reach: 30, seed: seed)
      let ledger = Ledger(graph)
      var options = PassOptions()
      let flag = CancellationFlag()
      options.cancellation = flag
      options.perturb = disturb
      let ran = Atomic<Int>(0)
      let outcome = graph.run(on: team, options: options, ledger: ledger) { _ in
        if ran.add(1, ordering: .relaxed).newValue == 50 { flag.cancel() }
      }
      #expect(outcome.isCancelled)
      #expect(ran.load(ordering: .relaxed) < 50 + 2 * width)
    }
  }

  @Test func aSerialRunIsInSerialOrder() {
    let graph = RandomGraph(count: 200, fanOut: 3, reach: 20, seed: 1)
    let ledger = Ledger(graph)
    var options = PassOptions()
    options.serial = true
    var order: [Int] = []
    let outcome = graph.run(on: WorkerTeam(width: 4), options: options, ledger: ledger) {
      order.append($0)
    }
    #expect(outcome.isCompleted)
    #expect(order == Array(0..<200))
  }

  @Test func wrongCountsEndThePass() {
    let outcome = DependencyScheduler.run(
      count: 3, dependencies: [0, 1, 1], priorities: nil, on: WorkerTeam(width: 2)
    ) { _, _ in }
    guard case .incomplete(let ran) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(ran == 1)
  }

  @Test func nothingToRun() {
    let outcome = DependencyScheduler.run(
      count: 0, dependencies: nil, priorities: nil, on: WorkerTeam(width: 2)
    ) { _, _ in }
    #expect(outcome.isCompleted)
  }

  @Test func readyNodesAreTakenByPriorityThenNumber() {
    // Node 0 releases all others; the helper is kept busy by node 1, so the client takes the rest.
    for _ in 0..<20 {
      let priorities: [Float] = [9, 8, 3, 5, 5, 1, 7]
      let order = OrderLog()
      let done = Atomic<Bool>(false)
      let team = WorkerTeam(width: 2)
      let outcome = DependencyScheduler.run(
        count: 7, dependencies: [0, 1, 1, 1, 1, 1, 1], priorities: priorities, on: team
      ) { node, context in
        order.append(node)
        if node == 0 { for other in 1..<7 { context.satisfied(other) } }
        if node == 1 {
          // Not for ever: without a helper it is this thread that runs the others, afterwards.
          let start = nanosecondsNow()
          while !done.load(ordering: .relaxed), nanosecondsNow() - start < 2_000_000_000 {
            yieldThread()
          }
        }
        if order.count == 7 { done.store(true, ordering: .relaxed) }
      }
      #expect(outcome.isCompleted)
      let expected = [6, 3, 4, 2, 5]
      #expect(order.all.filter { $0 > 1 } == expected)
    }
  }

  @Test(arguments: [2, 3, 8])
  func participationSurroundsEveryNode(width: Int) {
    let team = WorkerTeam(width: width)
    var options = PassOptions()
    options.participation = { work in Mode.$value.withValue(7) { work() } }
    options.perturb = disturb
    let wrong = Atomic<Int>(0)
    for _ in 0..<20 {
      let outcome = concurrentRun(count: 50, on: team, options: options) { _ in
        if Mode.value != 7 || WorkerTeam.current !== team { wrong.add(1, ordering: .relaxed) }
      }
      #expect(outcome.isCompleted)
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(Mode.value == 0)
  }
}

enum Mode {
  @TaskLocal static var value = 0
}

final class OrderLog: Sendable {
  private let log = Locked<[Int]>([])

  /// Returns how many have been appended, this one included: each number once.
  @discardableResult func append(_ value: Int) -> Int {
    log.withLock {
      $0.append(value)
      return $0.count
    }
  }

  var all: [Int] { log.withLock { $0 } }
  var count: Int { log.withLock { $0.count } }
}
