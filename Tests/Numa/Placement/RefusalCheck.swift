import CTributaryNuma
import Glibc
import TributaryMemory
import TributaryParallel

/// Under `deny-calls`, as in a container: the calls are refused in fact, so that what passes beside this check
/// has passed without them.
enum RefusalCheck {
  static func run(_: String) throws -> String {
    let size = 1 << 20
    guard let page = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      page != MAP_FAILED
    else { throw Failure("no memory") }
    defer { munmap(page, size) }
    var mask: [UInt] = [1 << UInt(Topology.current.nodes[0].id)]
    let status = mbind(page, UInt(size), Int32(MPOL_PREFERRED), &mask, 65, 0)
    let code = errno
    try require(status == -1 && code == EPERM, "mbind gave \(status), errno \(code)")
    return "mbind gives EPERM"
  }

  /// Where pinning is refused too nothing can be placed: the pages are left to the first that writes them.
  static func untouched(_: String) throws -> String {
    let buffer = try TiledBuffer.allocate(byteCount: 16 << 20, placement: .spread)
    guard let before = buffer.pageMap, let absent = before.absent else {
      throw Failure("no answer of move_pages")
    }
    try require(
      absent == before.nodeOfPage.count,
      "\(before.nodeOfPage.count - absent) pages were touched from the wrong node")
    buffer.fill(1)
    let (nodes, _) = try buffer.nodesOfPages()
    return "16 MiB left to the first that writes: \(tally(nodes, "pages"))"
  }
}
