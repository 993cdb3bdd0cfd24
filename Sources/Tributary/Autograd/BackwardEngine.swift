import CTributaryShims
import TributaryParallel

/// Runs a pass over the graph: on the caller where that is as fast, else on the team.
enum BackwardEngine {
  /// A pass with less work than this is done before a worker has come to help.
  private static let leastNanoseconds: Float = 40_000
  /// What a node costs besides its kernels: reading its records, making its results.
  static let overheadNanoseconds: Float = 300
  /// The longest remaining path of a node without cost that nothing follows: a leaf's accumulator, as a rule.
  static let smallPriority = overheadNanoseconds

  /// Passes nested deeper than this go by the scheduler, which counts them.
  private static let nestingOnOneStack: Int32 = 1_000

  static func run(_ task: GraphTask) throws(TensorError) {
    var mode = AutogradMode.current
    mode.recordsGraph = task.options.createGraph
    let team = WorkerTeam.current
    do {
      // Rules compute in Swift as well as in kernels.
      try withStandardFloatingPoint { () throws(TensorError) in
        try AutogradMode.with(mode) { () throws(TensorError) in
          task.seed()
          try runAndCommit(task, team: team)
        }
      }
    } catch {
      // Which nodes after the failed one had run is a matter of timing; a spent graph is spent as a whole.
      if !task.options.retainGraph { task.releaseAllSaved() }
      throw error
    }
  }

  private static func runAndCommit(
    _ task: GraphTask, team: WorkerTeam
  ) throws(TensorError) {
    let traced = Trace.active.map { Trace.Pass($0, task, threads: team.width) }
    defer { traced?.end() }
    if wantsTeam(task, team) {
      try runScheduled(task, team: team, inSerialOrder: false, traced)
    } else if tri_stack_is_low() || tri_parallel().pointee.pass_depth >= nestingOnOneStack {
      // A nest of passes: the scheduler moves this one to a fresh stack, or says that it is too deep.
      try runScheduled(task, team: team, inSerialOrder: true, traced)
    } else {
      try runOnCaller(task, traced)
    }
    if task.options.accumulates { try task.commit() }
  }

  /// Whether the team is to run the pass: whether it is asked to, or more threads than one would gain.
  private static func wantsTeam(_ task: GraphTask, _ team: WorkerTeam) -> Bool {
    switch task.options.engine {
    case .caller: false
    case .team: true
    case .automatic: team.width > 1 && isWorthATeam(task)
    }
  }

  /// What lies beside the longest path is what other workers could do.
  static func isWorthATeam(_ task: GraphTask) -> Bool {
    let total = task.nanoseconds + Float(task.runCount) * overheadNanoseconds
    return total >= leastNanoseconds
      && total - task.longestPath >= max(leastNanoseconds / 4, total / 32)
  }

  private static func runOnCaller(
    _ task: GraphTask, _ traced: Trace.Pass?
  ) throws(TensorError) {
    let parallel = tri_parallel()
    parallel.pointee.pass_depth += 1
    defer { parallel.pointee.pass_depth -= 1 }
    let observer = traced?.observer
    let cancellation = task.options.cancellation
    traced?.begins()
    for position in 0..<task.count {
      if let cancellation, cancellation.isCancelled { throw cancelled }
      // Nodes of a long graph lie far apart: fetch the one after the next while this one runs.
      if position + 2 < task.count { tri_prefetch(task.nodes[position + 2].node.toOpaque()) }
      observer?.willRun(position, stolen: false)
      defer { observer?.hasRun(position) }
      try task.step(position) { _ in }
    }
    traced?.hasRunAll()
  }

  /// By the scheduler: on the team, the longest path first, or node after node in serial order.
  private static func runScheduled(
    _ task: GraphTask, team: WorkerTeam, inSerialOrder: Bool, _ traced: Trace.Pass?
  ) throws(TensorError) {
    let priorities = inSerialOrder ? nil : task.column { $0.path }
    defer { priorities?.deallocate() }
    let dependencies = UnsafeMutablePointer<Int32>.allocate(capacity: max(task.count, 1))
    defer { dependencies.deallocate() }
    dependencies.initialize(repeating: 0, count: task.count)
    for position in 0..<task.count {
      for edge in task.edgeRange(position) where task.edges[edge].node >= 0 {
        dependencies[Int(task.edges[edge].node)] += 1
      }
    }
    let breadth = inSerialOrder ? nil : Breadth(task)
    defer { breadth?.deallocate() }
    var options = PassOptions()
    options.serial = inSerialOrder
    options.thrift = breadth?.thrift
    if let home = task.options.home {
      options.home = home
    } else if team.topology.nodes.count > 1 {
      options.home = { task.home(of: $0, in: team.topology) }
    }
    let places = BranchPlace.isUsed ? task.column { $0.place } : nil
    defer { places?.deallocate() }
    if let places { options.places = .each(places) }
    options.smallPriority = smallPriority
    options.observer = traced?.observer
    options.cancellation = task.options.cancellation
    options.perturb = task.options.perturb
    options.tracker = task.options.tracker
    let values = TaskValues.current
    options.participation = { work in values.bind(work) }
    traced?.begins()
    let outcome = DependencyScheduler.run(
      count: task.count, dependencies: dependencies, priorities: priorities, on: team,
      options: options
    ) { position, context in
      // What follows in serial order is most often what this worker runs next; another one has it in its cache. Not for
      // writing: where it is not ours after all, that would take it from whoever runs it.
      for next in position + 2...position + 3 where next < task.count {
        tri_prefetch(task.nodes[next].node.toOpaque())
      }
      try task.step(position) { context.satisfied($0) }
    }
    switch outcome {
    case .completed: traced?.hasRunAll()
    case .failed(_, let error): throw TensorError.wrapping(error, "backward")
    case .cancelled: throw cancelled
    case .forked: throw forked
    case .nestedTooDeeply:
      throw TensorError(
        .autograd, "backward",
        "more than \(DependencyScheduler.maximumDepth) passes were started within one another; "
          + "look for a node or hook that starts a pass without end")
    case .incomplete(let ran):
      throw TensorError(
        .autograd, "backward", "only \(ran) of \(task.count) nodes could run; please report this")
    }
  }

  static var forked: TensorError {
    TensorError(
      .forked, "backward",
      "this process is a fork, and the threads that run backward passes are not in it; "
        + "start it with exec, or fork before the first parallel operation")
  }

  static var cancelled: TensorError {
    TensorError(.cancelled, "backward", "the pass was cancelled; no gradient was changed")
  }
}
