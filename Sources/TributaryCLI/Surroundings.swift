import CTributaryKernels
import Tributary
import TributaryParallel

/// What a run uses of the machine.
enum Surroundings {
  /// `2 cores on 1 node, kernel path avx512, 2 threads`.
  static var line: String {
    let team = WorkerTeam.current
    let topology = team.topology
    return "\(counted(topology.coreCount, "core")) on \(counted(topology.nodes.count, "node")), "
      + "kernel path \(kernelPath), \(counted(team.width, "thread"))"
  }

  /// The instruction set that kernels use.
  static var kernelPath: String { name(of: kernels.pointee.path) }

  static func name(of path: tri_path) -> String { String(cString: tri_path_name(path)) }

  static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
  }
}
