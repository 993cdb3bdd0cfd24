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

  /// The machine as found at first use.
  package static let current = Topology(cores: 2)
}
