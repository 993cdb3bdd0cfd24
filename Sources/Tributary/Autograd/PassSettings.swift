import TributaryParallel

/// What a caller may ask of a pass.
struct PassSettings {
  var retainGraph = false
  var createGraph = false
  /// Whether leaves' and retained gradients are to be changed; not for `Tensor.grad(of:withRespectTo:)`.
  var accumulates = true
  var cancellation: CancellationFlag?
  /// For tests: which engine runs the pass, whatever it would decide.
  var engine = Engine.automatic
  /// For tests: called before each node, to delay it.
  var perturb: (@Sendable (_ node: Int) -> Void)?
  /// For tests: told of each node that starts and ends.
  var tracker: PeakTracker?

  enum Engine { case automatic, caller, team }
}
