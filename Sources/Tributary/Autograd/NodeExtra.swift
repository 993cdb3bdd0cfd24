import CTributaryShims

/// What a node of more than three inputs or two saved tensors keeps besides: the third saved tensor inline, so that an
/// operation of three tensors makes one object more and not two; further ones in arrays.
final class NodeExtra {
  /// Edges from 3 on.
  @exclusivity(unchecked) private(set) var edges: [(node: Node?, index: Int32)]
  // Behind the node's lock, as its other saved tensors.
  /// Saved tensor 2.
  var saved: SavedTensor?
  /// Saved tensors from 3 on.
  var moreSaved: [SavedTensor] = []

  init(edges: [(node: Node?, index: Int32)] = []) { self.edges = edges }

  deinit {
    for i in edges.indices {
      // Other workers may have them in their caches.
      if i + 8 < edges.count, let later = edges[i + 8].node {
        tri_prefetch_for_writing(Unmanaged.passUnretained(later).toOpaque())
      }
      Teardown.release(&edges[i].node)
    }
  }

  @inline(__always)
  func edge(_ place: Int) -> (node: Node?, index: Int32) { edges[place - 3] }

  func savedTensor(_ place: Int) -> SavedTensor? {
    place == 2 ? saved : place - 3 < moreSaved.count ? moreSaved[place - 3] : nil
  }
}
