import CTributaryNuma
import Glibc
import TributaryParallel

/// On which nodes the pages of a range of memory lie, as the system tells.
package struct PageMap: Sendable, Equatable {
  /// Resident pages on each node.
  package var pages: [Int: Int] = [:]
  /// Pages that no memory stands behind yet; nil where the system does not tell.
  package var absent: Int?
  /// The node of each page, nil where it is not resident; empty when only sums are known.
  package var nodeOfPage: [Int?] = []
  package var pageSize = 4096

  /// Asks `move_pages`; where that is blocked, reads /proc/self/numa_maps, which knows the sums of
  /// whole mappings only (neighbours of the same kind are counted with it). nil: neither answers.
  package static func read(_ base: UnsafeMutableRawPointer, byteCount: Int) -> PageMap? {
    if let map = byMovePages(base, byteCount: byteCount) { return map }
    guard let text = SystemFile.read("/proc/self/numa_maps", most: 1 << 30) else { return nil }
    let start = UInt(bitPattern: base)
    return parse(numaMaps: text, range: start..<start + UInt(max(byteCount, 1)))
  }

  private static func byMovePages(_ base: UnsafeMutableRawPointer, byteCount: Int) -> PageMap? {
    let size = max(sysconf(Int32(_SC_PAGESIZE)), 4096)
    let first = base - Int(bitPattern: base) % size
    let count = (base - first + max(byteCount, 1) + size - 1) / size
    var map = PageMap(absent: 0, pageSize: size)
    map.nodeOfPage.reserveCapacity(count)
    for chunk in stride(from: 0, to: count, by: 16384) {
      let length = min(16384, count - chunk)
      var addresses = (chunk..<chunk + length).map {
        Optional(first + $0 * size)
      }
      var status = [Int32](repeating: -1, count: length)
      // SAFETY: no target nodes are given, so nothing moves: the call only writes `status`.
      guard move_pages(0, UInt(length), &addresses, nil, &status, 0) == 0 else { return nil }
      for node in status {
        // Any negative number: not resident (-ENOENT; -EFAULT for a page never written).
        guard node >= 0 else {
          map.absent? += 1
          map.nodeOfPage.append(nil)
          continue
        }
        map.pages[Int(node), default: 0] += 1
        map.nodeOfPage.append(Int(node))
      }
    }
    return map
  }

  /// Sums the `N<node>=<pages>` fields of the mappings that meet the range. A line names only where
  /// its mapping starts, so one may end anywhere before the next.
  package static func parse(numaMaps text: String, range: Range<UInt>) -> PageMap? {
    let lines = text.split(separator: "\n").compactMap { line -> (UInt, [Substring])? in
      let fields = line.split(separator: " ")
      guard let first = fields.first, let start = UInt(first, radix: 16) else { return nil }
      return (start, fields)
    }.sorted { $0.0 < $1.0 }
    var map = PageMap()
    var found = false
    for (index, (start, fields)) in lines.enumerated() {
      let end = index + 1 < lines.count ? lines[index + 1].0 : UInt.max
      guard start < range.upperBound, end > range.lowerBound else { continue }
      found = true
      for field in fields {
        let parts = field.split(separator: "=")
        guard parts.count == 2, let value = Int(parts[1]) else { continue }
        if parts[0].first == "N", let node = Int(parts[0].dropFirst()) {
          map.pages[node, default: 0] += value
        } else if parts[0] == "kernelpagesize_kB", let bytes = Int(parts[1]) {
          map.pageSize = bytes << 10
        }
      }
    }
    return found ? map : nil
  }
}

extension TiledBuffer {
  /// Where the buffer's pages lie.
  package var pageMap: PageMap? { PageMap.read(base, byteCount: byteCount) }
}
