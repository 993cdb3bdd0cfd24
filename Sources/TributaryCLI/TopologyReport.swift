import ArgumentParser
import Foundation
import Tributary
import TributaryMemory
import TributaryParallel

/// `tributary topology`.
struct TopologyReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Shows what the engine sees and uses of the machine.",
    discussion: """
      The NUMA nodes with the cores that the process may use, the share of their time that the control \
      group grants, how many threads work by default, which instruction sets the kernels can use, and \
      how memory is kept.

        tributary topology
        tributary topology --verify            where do the pages of a large tensor lie?
        taskset -c 0 tributary topology        with one core allowed
        TRIBUTARY_KERNEL_PATH=portable tributary topology

      --verify fills a tensor of 64 MiB and asks the system on which node each page lies. Exit status 1 \
      where some lie on another node than the one whose cores work on them.
      """)

  @OptionGroup var threading: ThreadOptions

  @Flag(help: "Place a large tensor, and read back where its pages lie.")
  var verify = false

  func run() throws {
    try threading.with {
      let topology = WorkerTeam.current.topology
      Self.printNodes(topology)
      Self.printKernels()
      Self.printMemory()
      if verify { try PlacementCheck.run(topology) }
    }
  }

  private static func row(_ name: String, _ value: String) {
    print(name.padding(toLength: 16, withPad: " ", startingAt: 0) + value)
  }

  private static func printNodes(_ topology: Topology) {
    for node in topology.nodes {
      row(
        "node \(node.id)",
        "\(Surroundings.counted(node.cores.count, "core")): \(ranges(node.cores))"
          + (node.hasMemory ? "" : "; no memory"))
    }
    for node in topology.memoryOnlyNodes { row("node \(node)", "memory only") }
    row("cores", "\(topology.coreCount) in the affinity mask")
    row(
      "quota",
      topology.quota.map { "\(String(format: "%.2f", $0)) cores' time, by the control group" }
        ?? "none")
    row(
      "threads",
      "\(WorkerTeam.current.width)"
        + (WorkerTeam.current.width == topology.defaultWidth ? ", the default" : ""))
  }

  private static func printKernels() {
    let paths = KernelPathChoice.possible.map(Surroundings.name(of:))
    row("kernel path", Surroundings.kernelPath)
    row("kernel paths", paths.joined(separator: ", "))
  }

  private static func printMemory() {
    row("memory limit", BufferPool.limit.map(bytes) ?? "none")
    row("kept when free", "up to \(bytes(BufferPool.cacheBound))")
    row("huge pages", BufferPool.hugePages ? "asked for" : "not asked for")
    row("tile", bytes(TileMap.tileSize))
  }

  /// 0, 1, 2, 5 as "0-2, 5".
  private static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound == number - 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }

  static func bytes(_ count: Int) -> String {
    count >= 1 << 30
      ? String(format: "%.1f GiB", Double(count) / Double(1 << 30)) : "\(count >> 20) MiB"
  }
}
