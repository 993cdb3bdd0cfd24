import CTributaryShims

/// What a node of more than two inputs or saved tensors keeps besides: the third of each inline, so that an operation
/// of three tensors makes one object more and not three; further ones in arrays.
final class NodeExtra {
  /// Edge 2.
  var node: Node?
  var index: Int32 = 0
  /// Edges from 3 on.
  @exclusivity(unchecked) var edges: [(node: Node?, index: Int32)] = []
  // Behind the node's lock, as its other saved tensors.
  /// Saved tensor 2.
  var saved: SavedTensor?
  /// Saved tensors from 3 on.
  var moreSaved: [SavedTensor] = []

  /// With the edges of `other`, and nothing saved.
  init(edgesOf other: NodeExtra? = nil) {
    guard let other else { return }
    (node, index, edges) = (other.node, other.index, other.edges)
  }

  deinit {
    Teardown.release(&node)
    for i in edges.indices {
      // Other workers may have them in their caches.
      if i + 8 < edges.count, let later = edges[i + 8].node {
        tri_prefetch_for_writing(Unmanaged.passUnretained(later).toOpaque())
      }
      Teardown.release(&edges[i].node)
    }
  }

  @inline(__always)
  func edge(_ place: Int) -> (node: Node?, index: Int32) {
    place == 2 ? (node, index) : edges[place - 3]
  }

  func savedTensor(_ place: Int) -> SavedTensor? {
    place == 2 ? saved : place - 3 < moreSaved.count ? moreSaved[place - 3] : nil
  }
}
