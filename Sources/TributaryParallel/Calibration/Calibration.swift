/// Measures what threads and memory of this machine cost, in some seconds; see ``ReplayCosts``.
package enum Calibration {
  /// - Parameter compute: some hundred microseconds of the work that busy cores are to do, called from several threads
  ///   at once; nil: arithmetic in registers.
  package static func run(
    topology: Topology = .current, compute: (@Sendable () -> Void)? = nil
  ) -> ReplayCosts {
    var costs = ReplayCosts()
    costs.cores = topology.nodes.map(\.cores.count).max() ?? 1
    costs.team = TeamCalibration(topology: topology).run()
    (costs.memory, costs.busy) = MemoryCalibration(
      topology: topology, compute: compute ?? Arithmetic.run
    ).run()
    costs.note = note(costs, nodes: topology.nodes.count)
    return costs
  }

  private static func note(_ costs: ReplayCosts, nodes: Int) -> String {
    "measured on \(costs.cores) cores of one NUMA node"
      + (nodes > 1 ? ", and on one of another. " : ". ")
      + "Assumed, and for you to change: each further core adds the bandwidth that each of these had together "
      + "(memory.main.nodeLimit and memory.shared.nodeLimit bound what a node gives, in GB/s); "
      + (nodes > 1
        ? ""
        : "memory of another node takes remoteFactor times as long, a word of another node remoteWord; ")
      + "each further worker comes nextSummons after the one before"
  }
}

extension Topology {
  /// Where a calibration measures.
  var largestNode: Topology.Node? { nodes.max { $0.cores.count < $1.cores.count } }

  /// A core of another NUMA node; nil where there is none.
  var coreBesideLargestNode: Int? {
    let largest = largestNode
    return nodes.first { $0.id != largest?.id && !$0.cores.isEmpty }?.cores.first
  }
}
