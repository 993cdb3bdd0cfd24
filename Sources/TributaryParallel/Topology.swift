/// What the process may use of the machine: nodes, cores, and the share of their time.
package struct Topology: Sendable, Equatable {
  /// A NUMA node on which the process may run.
  package struct Node: Sendable, Equatable {
    /// The system's number of the node; the numbers may have gaps.
    package let id: Int
    /// The system's numbers of the cores that lie on this node and in the affinity mask, ascending.
    package let cores: [Int]
    /// Whether the process may place memory here.
    package let hasMemory: Bool

    package init(id: Int, cores: [Int], hasMemory: Bool = true) {
      self.id = id
      self.cores = cores
      self.hasMemory = hasMemory
    }
  }

  /// Nodes with at least one core in the mask, ascending by id; never empty.
  package let nodes: [Node]
  /// Nodes that have memory and no core in the mask (ascending ids).
  package let memoryOnlyNodes: [Int]
  /// How many cores' worth of time the cgroup grants; nil: no limit.
  package let quota: Double?

  /// A made-up topology. Nodes without cores become memory-only; with no cores at all there is one, 0.
  package init(nodes: [Node], memoryOnlyNodes: [Int] = [], quota: Double? = nil) {
    let sorted = nodes.sorted { $0.id < $1.id }
    let usable = sorted.filter { !$0.cores.isEmpty }
    self.nodes = usable.isEmpty ? [Node(id: 0, cores: [0])] : usable
    self.memoryOnlyNodes =
      (memoryOnlyNodes + sorted.filter { $0.cores.isEmpty && $0.hasMemory }.map(\.id)).sorted()
    self.quota = quota
  }

  /// `cores` cores on one node.
  package init(cores: Int) {
    self.init(nodes: [Node(id: 0, cores: Array(0..<max(1, cores)))])
  }

  /// Cores in the affinity mask.
  package var coreCount: Int { nodes.reduce(0) { $0 + $1.cores.count } }

  /// The smaller of the cores in the mask and the quota rounded up; at least 1.
  package var defaultWidth: Int {
    guard let quota, quota < Double(coreCount) else { return coreCount }
    return max(1, Int(quota.rounded(.up)))
  }

  /// The tiles of `count` that lie on node `index` of `nodes`: those t with ⌊t · nodes / count⌋ = index.
  package func tiles(ofNode index: Int, of count: Int) -> Range<Int> {
    Topology.tiles(ofNode: index, of: count, nodes: nodes.count)
  }

  /// The same on `nodes` nodes: the one rule for where tiles lie and who is offered them.
  package static func tiles(ofNode index: Int, of count: Int, nodes: Int) -> Range<Int> {
    let end = firstTile(ofNode: index + 1, of: count, nodes: nodes)
    return firstTile(ofNode: index, of: count, nodes: nodes)..<end
  }

  /// The first of those, and of one node more the number of tiles.
  static func firstTile(ofNode index: Int, of count: Int, nodes: Int) -> Int {
    let (high, low) = index.multipliedFullWidth(by: count)
    let (quotient, remainder) = nodes.dividingFullWidth((high, low))
    return remainder == 0 ? quotient : quotient + 1
  }

  /// For each of `width` workers the index of its node, in proportion to the nodes' cores.
  package func spread(_ width: Int) -> [Int] {
    var result: [Int] = []
    var node = 0
    var coresBefore = 0
    for worker in 0..<width {
      let position = (Double(worker) + 0.5) / Double(width) * Double(coreCount)
      while node + 1 < nodes.count, position >= Double(coresBefore + nodes[node].cores.count) {
        coresBefore += nodes[node].cores.count
        node += 1
      }
      result.append(node)
    }
    return result
  }

  /// For each core number up to the largest the index of its node; 0 for cores outside of the mask.
  package var nodeIndexOfCore: [Int] {
    let largest = nodes.flatMap(\.cores).max() ?? 0
    var result = [Int](repeating: 0, count: largest + 1)
    for (index, node) in nodes.enumerated() {
      for core in node.cores { result[core] = index }
    }
    return result
  }
}
