/// Which tiles of a loop a worker takes first. With several NUMA nodes the parts are always those of the nodes.
package enum TileOrder: Sendable {
  /// Those of its part, the same in every loop: what one loop writes the next mostly reads in the same order, and so finds
  /// it in its worker's cache, as long as the worker stays.
  case inParts
  /// All workers the lowest that are left: side by side they read what neighbouring tiles share.
  case together
}
