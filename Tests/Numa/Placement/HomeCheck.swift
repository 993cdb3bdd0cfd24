import CTributaryShims
import Synchronization
import TestTools
import Tributary
import TributaryMemory
import TributaryParallel

/// A backward node runs on the NUMA node that holds its largest input, while workers of that node are free.
enum HomeCheck {
  private static let bytes = 1 << 20

  static func run(_: String) throws -> String {
    let topology = Topology.current
    let nodes = topology.nodes
    guard nodes.count > 1 else { return "one node" }
    let places = try knownPlaces(topology)
    let (atHome, all) = try passes(topology)
    // Who finds nothing near takes what lies elsewhere, so not all; without a preference it would be one in as many
    // as there are NUMA nodes.
    try require(
      atHome * nodes.count >= all + all / 2, "\(atHome) of \(all) nodes ran where their input lies")
    return "\(places) buffers found where they were written; \(atHome) of \(all) nodes ran there"
  }

  /// Asks for the home of buffers that each NUMA node has written.
  private static func knownPlaces(_ topology: Topology) throws -> Int {
    var found = 0
    for (place, node) in topology.nodes.enumerated() where node.hasMemory {
      let buffer = try pinned(to: node) {
        // Fresh pages: what the pool hands out again lies where it lay.
        BufferPool.trim()
        let buffer = try TiledBuffer.allocate(byteCount: bytes)
        buffer.fill(1)
        return buffer
      }
      let (pages, _) = try buffer.nodesOfPages()
      let answer = PageHome.place(of: buffer, in: topology)
      try require(
        answer.map { topology.nodes[$0].id } == pages[pages.count / 2],
        "a buffer on node \(node.id), place \(place): \(answer.map(String.init) ?? "no answer")")
      found += 1
    }
    return found
  }

  /// Passes over branches whose saved tensors lie on all NUMA nodes in turn; how many of their nodes ran at home.
  private static func passes(_ topology: Topology) throws -> (atHome: Int, all: Int) {
    let team = WorkerTeam(width: max(topology.coreCount, topology.nodes.count))
    let branches = 16 * topology.nodes.count
    // Relaxed: read when the pass is over.
    let atHome = Atomic<Int>(0)
    let all = Atomic<Int>(0)
    let inputs = try (0..<branches).map { branch in
      try pinned(to: topology.nodes[branch % topology.nodes.count]) {
        try Tensor.full([bytes / 4], 0.5)
      }
    }
    let x = try Tensor.full([1], 1.0, requiresGrad: true)
    let roots = try inputs.map { input in
      let home = PageHome.place(of: input.buffer, in: topology)
      let y = try x.expand([bytes / 4])
      let product = try y * input
      try y.registerHook { gradient in
        // Of the node before this one: the product's, which read the input.
        all.add(1, ordering: .relaxed)
        if home == nil || home == here(topology) { atHome.add(1, ordering: .relaxed) }
        spin(microseconds: 2_000)
        return nil
      }
      return try product.sum()
    }
    var settings = PassSettings()
    settings.engine = .team
    try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
    try require(all.load(ordering: .relaxed) == branches, "not every hook ran")
    return (atHome.load(ordering: .relaxed), branches)
  }

  private static func here(_ topology: Topology) -> Int? {
    let core = Int(tri_current_core())
    return topology.nodes.firstIndex { $0.cores.contains(core) }
  }
}
