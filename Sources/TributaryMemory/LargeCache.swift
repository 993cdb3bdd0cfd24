import Synchronization

/// Free blocks of 2 MiB tiles, ordered by placement and number of tiles.
///
/// A sorted array, since there are few of them (each is at least 2 MiB) and a search for the
/// nearest size is then one bisection; a list for each size class was rejected, for the classes
/// would have to be as fine as the tiles: where tiles lie on nodes depends on how many there are.
struct LargeCache {
  struct Entry {
    /// Which nodes the tiles lie on: `TilePlacement.key`.
    let key: Int
    let tiles: Int
    let base: UnsafeMutableRawPointer
    /// Rises with each block freed: the smallest has lain longest.
    let stamp: Int
  }

  private var entries: [Entry] = []
  private var stamp = 0

  /// A block with as many tiles; where nothing is placed (key 0) up to an eighth more will do.
  mutating func take(key: Int, tiles: Int) -> Entry? {
    // The newest of its size stands last: its pages are the likeliest to be in the caches.
    let index = firstIndex(key: key, after: tiles)
    if index > 0, entries[index - 1].key == key, entries[index - 1].tiles == tiles {
      return entries.remove(at: index - 1)
    }
    guard key == 0, index < entries.count, entries[index].key == 0,
      entries[index].tiles - tiles <= tiles / 8
    else { return nil }
    return entries.remove(at: index)
  }

  mutating func put(key: Int, tiles: Int, base: UnsafeMutableRawPointer) {
    stamp += 1
    let index = firstIndex(key: key, after: tiles)
    entries.insert(Entry(key: key, tiles: tiles, base: base, stamp: stamp), at: index)
  }

  /// Takes out what has lain longest.
  mutating func takeOldest() -> Entry? {
    guard let index = entries.indices.min(by: { entries[$0].stamp < entries[$1].stamp }) else {
      return nil
    }
    return entries.remove(at: index)
  }

  /// The first entry past all of this key with at most `tiles` tiles.
  private func firstIndex(key: Int, after tiles: Int) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if (entries[middle].key, entries[middle].tiles) <= (key, tiles) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
