import CTributaryShims
import Synchronization
import TestTools
import Tributary
import TributaryMemory
import TributaryParallel

/// A backward node is taken first by workers of the NUMA node that holds its largest input.
enum HomeCheck {
  private static let bytes = 1 << 20

  static func run(_: String) throws -> String {
    let topology = Topology.current
    let nodes = topology.nodes
    guard nodes.count > 1 else { return "one node" }
    let places = try knownPlaces(topology)
    let (atHome, all) = try settledPass(topology)
    return
      "\(places) buffers found where they were written; \(atHome) of \(all) nodes ran there, near ones first"
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

  /// A pass during which the kernel moved none of its pages: where they are not bound it gathers the small pages of what
  /// can be a huge one on the node that has most of them, and then a thread rightly goes by where they lie now.
  private static func settledPass(_ topology: Topology) throws -> (atHome: Int, all: Int) {
    for _ in 0..<5 { if let found = try pass(topology) { return found } }
    throw Failure("pages moved in each of five passes")
  }

  /// A pass whose nodes are all ready at once, their saved tensors on all NUMA nodes in turn: no thread may come back to
  /// near ones after others. Returns how many ran at home; nil where pages moved.
  private static func pass(_ topology: Topology) throws -> (atHome: Int, all: Int)? {
    let nodes = topology.nodes
    let team = WorkerTeam(width: max(topology.coreCount, nodes.count))
    let inputs = try (0..<16 * nodes.count).map { branch in
      try pinned(to: nodes[branch % nodes.count]) { try Tensor.full([bytes / 4], 0.5) }
    }
    func homesNow() -> [Int?] { inputs.map { PageHome.place(of: $0.buffer, in: topology) } }
    let homes = homesNow()
    let log = HomeLog()
    // One element, expanded: what is largest is what the products saved.
    let seed = try Tensor.full([1], 1.0).expand([bytes / 4])
    let roots = try inputs.enumerated().map { branch, input in
      let leaf = try Tensor.full([bytes / 4], 1.0, requiresGrad: true)
      // The leaf's end follows its product on the same thread.
      try leaf.registerHook { _ in
        log.note(branch)
        return nil
      }
      return try leaf * input
    }
    // Nobody goes on until all have come, so that each has its first choice.
    let inside = Atomic<UInt64>(0)
    var settings = PassSettings()
    settings.engine = .team
    settings.perturb = { _ in
      inside.bitwiseOr(1 << UInt64(tri_thread().pointee.worker), ordering: .relaxed)
      let end = nanosecondsNow() + 20_000_000_000
      while inside.load(ordering: .relaxed).nonzeroBitCount < team.width, nanosecondsNow() < end {
        yieldThread()
      }
    }
    // The client is on the NUMA node of its core, so it is held there.
    try pinned(to: nodes[0]) {
      try WorkerTeam.withTeam(team) {
        try Tensor.backward(
          roots, gradients: Array(repeating: seed, count: roots.count), settings)
      }
    }
    guard homesNow() == homes else { return nil }
    var atHome = 0
    for (worker, place, branches) in log.byThread() {
      // What lies on a node without cores, or nobody knows where, is anybody's.
      let isNear = branches.filter { homes[$0] != nil }.map { homes[$0] == place }
      let order = branches.map { homes[$0].map { "\(nodes[$0].id)" } ?? "?" }.joined(separator: " ")
      let who = "worker \(worker) of node \(nodes[place].id), which ran what lay on \(order),"
      try require(
        isNear.first != false || !homes.contains(place), "\(who) took what lay elsewhere first")
      try require(
        !isNear.drop { $0 }.contains(true), "\(who) left what lay near and came back to it")
      atHome += isNear.count { $0 }
    }
    return (atHome, roots.count)
  }
}

/// Which branches each thread ran, in order.
private final class HomeLog: @unchecked Sendable {
  private let lock = SpinLock()
  /// Guarded by `lock`: by worker the place of its NUMA node, 0 for the client, and its branches.
  private var threads: [Int32: (place: Int, branches: [Int])] = [:]

  func note(_ branch: Int) {
    let worker = tri_thread().pointee.worker
    let place = max(0, Int(tri_parallel().pointee.node) - 1)
    lock.lock()
    threads[worker, default: (place, [])].branches.append(branch)
    lock.unlock()
  }

  /// Called when all have left.
  func byThread() -> [(worker: Int32, place: Int, branches: [Int])] {
    threads.map { ($0, $1.place, $1.branches) }
  }
}
