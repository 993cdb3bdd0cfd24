import TributaryParallel

/// What a caller may ask of a pass.
package struct PassSettings: Sendable {
  package var retainGraph = false
  package var createGraph = false
  /// Whether leaves' and retained gradients are to be changed; not for `Tensor.grad(of:withRespectTo:)`.
  package var accumulates = true
  package var cancellation: CancellationFlag?
  /// How many bytes the pass may add to what is live before nodes that free memory go first; nil: by the machine.
  package var breadthLimit: Int?
  /// For tests: which engine runs the pass, whatever it would decide.
  package var engine = Engine.automatic
  /// For tests: called before each node, to delay it.
  package var perturb: (@Sendable (_ node: Int) -> Void)?
  /// For tests: at which place in the team's topology a node's inputs lie, -1 for nowhere, whatever the system says.
  package var home: (@Sendable (_ node: Int) -> Int)?
  /// For tests: told of each node that starts and ends.
  package var tracker: PeakTracker?

  /// For tests, a planted fault: contributions take their slots as they arrive, not in serial order.
  package var sumsInArrivalOrder = false

  package init() {}

  /// As a user asks; a graph that is not said to be kept is where the pass itself is recorded.
  init(retainGraph: Bool?, createGraph: Bool) {
    self.createGraph = createGraph
    self.retainGraph = retainGraph ?? createGraph
  }

  package enum Engine: Sendable { case automatic, caller, team }
}
