import CTributaryShims
import Tributary
import TributaryParallel

/// Roots beside a graph, as many as a team is wide, each of whose nodes keeps its thread until all threads of the team
/// are inside the engine at once. A random graph alone is often too narrow for that, or over before the last worker
/// comes.
///
/// On the shortest of paths: the team takes them when it finds nothing else. Workers are summoned for them as the pass
/// opens, where for a narrow graph alone fewer would be.
package struct Muster {
  package let roots: [Tensor]
  /// To be told of the pass's nodes.
  package let tracker = PeakTracker()

  /// - Parameter patience: for how long they wait, from now on; on a machine without a thread to spare they give up.
  package init(width: Int, patience: Duration) throws(TensorError) {
    let end = tri_nanoseconds() + UInt64(max(0, patience / .nanoseconds(1)))
    var roots: [Tensor] = []
    for _ in 0..<width {
      let root = try Tensor.ones([1], requiresGrad: true).tanh()
      let tracker = tracker
      try root.registerHook { _ in
        while tracker.peak < width, tri_nanoseconds() < end { tri_yield() }
        return nil
      }
      roots.append(root)
    }
    self.roots = roots
  }
}
