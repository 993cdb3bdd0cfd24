/// What a caller may ask of one run.
package struct PassOptions {
  /// Run on the caller, node after node in serial order, without counts.
  package var serial = false
  /// Raised by anyone to end the pass.
  package var cancellation: CancellationFlag?
  /// Run around each stretch that a thread spends in this pass, the caller's included; it must call its
  /// argument once, on the same thread. Here task-locals are bound, which workers do not inherit.
  package var participation: (@Sendable (_ work: () -> Void) -> Void)?
  /// For tests: called before each node, to delay it.
  package var perturb: (@Sendable (_ node: Int) -> Void)?
  /// For tests: told of each node that starts and ends.
  package var tracker: PeakTracker?

  package init() {}
}

/// What a body is given besides its node's number.
package struct NodeContext: ~Copyable {
  /// The number of the thread in its team: 0 for the client, below `width`.
  package let worker: Int

  /// Tells that one incoming edge of `successor` is fulfilled; whoever fulfils the last owns the node.
  /// Does nothing in a serial run. Call it when the edge's data is stored.
  @inline(__always)
  package mutating func satisfied(_ successor: Int) {}
}

/// Runs a graph of nodes numbered in serial order, each after all that it depends on.
package enum DependencyScheduler {
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
    var outcome = PassOutcome.completed
    func all() {
      var context = NodeContext(worker: 0)
      for node in 0..<count {
        if options.cancellation?.isCancelled == true {
          outcome = .cancelled
          return
        }
        options.perturb?(node)
        options.tracker?.enter()
        defer { options.tracker?.leave() }
        do { try body(node, &context) } catch {
          outcome = .failed(position: node, error: error)
          return
        }
      }
    }
    if let participation = options.participation { participation(all) } else { all() }
    return outcome
  }
}
