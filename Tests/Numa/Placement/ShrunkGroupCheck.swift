import Glibc
import Synchronization
import TributaryMemory
import TributaryParallel

/// `shrunk=NODE:CORES`: the process's control group loses all but one node while the process runs. What was found at
/// start is then wrong: binding and pinning to the lost nodes are refused, and everything must go on.
enum ShrunkGroupCheck {
  static func run(_ value: String) throws -> String {
    let parts = value.split(separator: ":").map(String.init)
    guard parts.count == 2, let node = Int(parts[0]), Topology.current.nodes.count > 1,
      let group = text(of: "/proc/self/cgroup")?.split(separator: "\n").first?.split(separator: ":")
        .last
    else { throw Failure("shrunk=NODE:CORES, in a control group of several nodes") }
    let before = try TiledBuffer.allocate(byteCount: 16 << 20, placement: .spread)
    before.fill(1)
    try write(parts[0], to: "/sys/fs/cgroup\(group)/cpuset.mems")
    try write(parts[1], to: "/sys/fs/cgroup\(group)/cpuset.cpus")
    var said: [String] = []
    for placement in [Placement.spread, .interleaved, .local] {
      let buffer = try TiledBuffer.allocate(byteCount: 12 << 20, placement: placement)
      buffer.fill(2)
      let (nodes, _) = try buffer.nodesOfPages()
      try require(nodes.allSatisfy { $0 == node }, "\(placement): \(tally(nodes, "pages"))")
      said.append("\(placement)")
    }
    let team = WorkerTeam(width: 4)
    let sum = Atomic<Int>(0)
    for _ in 0..<50 {
      parallelFor(tiles: 100, nanosecondsPerTile: 1e5, on: team) { range in
        sum.add(range.reduce(0, +), ordering: .relaxed)
      }
    }
    try require(sum.load(ordering: .relaxed) == 50 * 4950, "a loop lost tiles")
    return said.joined(separator: ", ") + " all on node \(node), loops complete"
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure("\(path) cannot be written") }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { throw Failure("\(path) refuses \(text)") }
  }
}
