/// What the caller hung on a node. Changed between passes only; a pass reads it.
package final class NodeHooks: @unchecked Sendable {
  /// By output: run on the summed gradient before the node; may replace it.
  package var outputHooks: [(output: Int32, id: Int, run: TensorHook)] = []
  /// Holders that keep the gradient of an output (``Tensor/retainGrad()``), after its hooks.
  package var retained: [(output: Int32, holder: GradientHolder)] = []
  package var nextID = 0

  package init() {}
}

/// Sees a gradient on its way; what it returns, if anything, goes on in its place.
public typealias TensorHook = @Sendable (_ gradient: Tensor) throws -> Tensor?
