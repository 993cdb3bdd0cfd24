import CTributaryShims
import Synchronization

/// What a caller may ask of one run.
package struct PassOptions {
  /// Run on the caller, node after node in serial order, without counts.
  package var serial = false
  /// Raised by anyone to end the pass.
  package var cancellation: CancellationFlag?
  /// Run around each stretch that a thread spends in this pass, the caller's included; it must call its
  /// argument once, on the same thread. Here task-locals are bound, which workers do not inherit.
  package var participation: (@Sendable (_ work: () -> Void) -> Void)?
  /// Bounds what the nodes hold at once; nil: no bound.
  package var thrift: Thrift?
  /// Asked once a node is ready, with several NUMA nodes: the index of the one where most of what the node reads lies,
  /// -1 where that is not known or does not matter. A preference: who is idle takes any node. Nil: nobody knows.
  package var home: (@Sendable (_ node: Int) -> Int)?
  /// Which branch each node belongs to. Those of a place go to the queue of one worker. A preference, as ``home``,
  /// which goes before it.
  package var places = BranchPlaces.none
  /// Estimated work. Too little to be worth summoning for is done by the caller and those who are here.
  package var nanoseconds = Double.infinity
  /// A node of no larger priority is run by the worker that made it ready, right after the node that did, and is never
  /// in a queue. For nodes that nothing of note follows, and that cost less than a queue does.
  package var smallPriority: Float = -1
  /// Sees the pass's nodes; nil: nobody does.
  package var observer: (any PassObserver)?
  /// For tests: called before each node, to delay it.
  package var perturb: (@Sendable (_ node: Int) -> Void)?
  /// For tests: told of each node that starts and ends.
  package var tracker: PeakTracker?

  package init() {}

  /// What is said of its work where nodes are announced: of little, that it summons nobody.
  var summons: Double { nanoseconds < Double(LoopRule.summoningNanoseconds) ? 0 : .infinity }
}

/// How a pass is kept from holding too much at once: while it is needed, ready nodes that free memory go first,
/// whatever their priorities.
package struct Thrift {
  /// For each node, whether less is held when it has run; valid as long as the pass.
  package let frees: UnsafePointer<Bool>
  /// Asked before each node, from any thread; some nanoseconds at most.
  package let isNeeded: @Sendable () -> Bool

  package init(frees: UnsafePointer<Bool>, isNeeded: @escaping @Sendable () -> Bool) {
    (self.frees, self.isNeeded) = (frees, isNeeded)
  }
}

/// Runs a graph of nodes numbered in serial order, each after all that it depends on. See SCHEDULER.md.
package enum DependencyScheduler {
  /// Deeper nests of passes than this end with `.nestedTooDeeply`.
  package static let maximumDepth = 10_000
  /// Of the threads that nested passes move to.
  static let freshStackBytes = 8 << 20

  /// Runs the nodes `0 ..< count`; the number is the position in serial order, so edges lead upwards.
  ///
  /// - Parameters:
  ///   - dependencies: how often each node is to be `satisfied` before it may run; nil: none at all.
  ///   - priorities: the longest remaining path in nanoseconds, not negative; larger first, ties by
  ///     lower number; nil: all equal.
  ///   - body: runs one node; called from several threads at once. It may open loops and run passes.
  /// - Returns: see `PassOutcome`. After an error at position p the nodes before p still run and later
  ///   ones do not start.
  package static func run(
    count: Int, dependencies: UnsafePointer<Int32>?, priorities: UnsafePointer<Float>?,
    on team: WorkerTeam, options: PassOptions = PassOptions(),
    body: (_ node: Int, _ context: inout NodeContext) throws -> Void
  ) -> PassOutcome {
    if count <= 0 { return .completed }
    if WorkerTeam.poisonedByFork { return .forked }
    let parallel = tri_parallel()
    let depth = parallel.pointee.pass_depth
    if depth >= maximumDepth { return .nestedTooDeeply }
    parallel.pointee.pass_depth = depth + 1
    tri_thread().pointee.depth += 1
    defer {
      parallel.pointee.pass_depth = depth
      tri_thread().pointee.depth -= 1
    }
    return withStandardFloatingPoint {
      if options.serial || team.width == 1 || count == 1 {
        return onDeepStack {
          SerialPass.run(count: count, on: team, options: options, body: body)
        }
      }
      return onDeepStack {
        team.runPass(
          count: count, dependencies: dependencies, priorities: priorities, options: options,
          body: body)
      }
    }
  }

  /// Runs `work` here or, where little stack is left, on a thread that has plenty.
  private static func onDeepStack(_ work: () -> PassOutcome) -> PassOutcome {
    if !tri_stack_is_low() { return work() }
    return withoutActuallyEscaping(work) { escapable in
      var call = MovedCall(work: escapable, outcome: .nestedTooDeeply)
      // Without a new thread the pass must not run: its nodes might not fit what is left.
      withUnsafeMutablePointer(to: &call) { pointer in
        _ = tri_run_on_fresh_stack(
          freshStackBytes,
          { raw in
            // SAFETY: `call` outlives the thread, which is joined, and only that thread touches it.
            let call = raw.assumingMemoryBound(to: MovedCall.self)
            withStandardFloatingPoint { call.pointee.outcome = call.pointee.work() }
          }, pointer)
      }
      return call.outcome
    }
  }

  private struct MovedCall {
    let work: () -> PassOutcome
    var outcome: PassOutcome
  }
}

/// Node after node on the calling thread.
enum SerialPass {
  static func run(
    count: Int, on team: WorkerTeam, options: PassOptions, body: PassRecord.Body
  ) -> PassOutcome {
    var outcome = PassOutcome.completed
    func work() {
      let thread = tri_thread()
      let isOwn = thread.pointee.team == Unmanaged.passUnretained(team).toOpaque()
      var context = NodeContext(worker: isOwn ? Int(thread.pointee.worker) : 0)
      let cancellation = options.cancellation
      let perturb = options.perturb
      let tracker = options.tracker
      for node in 0..<count {
        if let cancellation, cancellation.isCancelled {
          outcome = .cancelled
          return
        }
        perturb?(node)
        tracker?.enter()
        options.observer?.willRun(node, stolen: false)
        do { try body(node, &context) } catch {
          outcome = .failed(position: node, error: error)
        }
        options.observer?.hasRun(node)
        tracker?.leave()
        if case .failed = outcome { return }
      }
    }
    if let participation = options.participation {
      participation { team.asCurrent(work) }
    } else {
      team.asCurrent(work)
    }
    return outcome
  }
}
