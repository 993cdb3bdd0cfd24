/// Where the pages of a large buffer lie on a machine with several NUMA nodes.
///
/// On a machine with one node, and for buffers under one tile (2 MiB), all of these are the same.
package enum Placement: Sendable, Hashable {
  /// `spread` for a buffer of more than one tile, `local` below.
  case automatic
  /// The node of the thread that allocates.
  case local
  /// Tile t of T on node ⌊t · nodes / T⌋, so that workers find their tiles beside them.
  case spread
  /// Page by page round the nodes, for what every node reads alike (weights).
  case interleaved
}
