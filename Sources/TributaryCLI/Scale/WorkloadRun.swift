import Foundation
import Tributary
import TributaryParallel
import TributaryWorkloads

/// Records a workload's passes on one thread, and measures them on others, in turn; each thread on a core of its own.
///
/// A shared machine takes its cores away for milliseconds, from several threads more often than from one, and a virtual
/// one moves them about. So each step stands between two probes, a fixed piece of work on each thread; of all rounds the
/// third counts in which every step's probes were fastest; and each round is replayed with costs that were measured
/// a few rounds before it at most.
struct WorkloadRun {
  private struct Step {
    let pass: RecordedPass
    let probe: Double
  }

  /// The rounds that count.
  let rounds: [ScaleRound]

  /// How often the costs are measured.
  private static let calibrations = 6

  /// - Parameter widths: those beyond the cores are not measured.
  init(
    _ name: String, branches: Int?, widths: [Int], rounds count: Int, costs: ReplayCosts?
  ) throws {
    guard let workload = try Workload.named(name, branches: branches) else {
      throw TensorError(.invalidArgument, operation: "scale", "no workload is called '\(name)'")
    }
    let possible = widths.filter { $0 <= Topology.current.coreCount }
    var now = try costs ?? CostsFile.measured()
    var rounds: [ScaleRound] = []
    var probes: [[Double]] = []
    for round in -2..<count {
      if costs == nil, round > 0, round % max(1, count / Self.calibrations) == 0 {
        now = try CostsFile.measured()
      }
      let recorded = try Self.step(workload, 1, .everything)
      // The one after a traced step finds its data out of the caches.
      _ = try Self.step(workload, 1, .passes)
      let untraced = try Self.step(workload, 1, .passes)
      let steps = try possible.map { try Self.step(workload, $0, .passes) }
      // The first two fill pools and caches.
      if round < 0 { continue }
      var found = ScaleRound(pass: recorded.pass, costs: now, untraced: Double(untraced.pass.run))
      for (width, step) in zip(possible, steps) { found.measured[width] = Double(step.pass.run) }
      rounds.append(found)
      probes.append(([recorded, untraced] + steps).map(\.probe))
    }
    let quiet = Self.quiet(probes)
    self.rounds = quiet.map { rounds[$0] }
  }

  private static func step(
    _ workload: Workload, _ width: Int, _ detail: Trace.Detail
  ) throws -> Step {
    try withThreads(width) {
      let team = WorkerTeam.current
      let before = team.placeThreads()
      defer { team.releaseThreads() }
      let passes = try Trace.during(detail) { try workload.step() }.passes
      let after = team.placeThreads()
      guard let pass = middle(passes) else {
        throw TensorError(
          .invalidArgument, operation: "scale", "'\(workload.name)' has no backward pass")
      }
      return Step(pass: pass, probe: max(before, after))
    }
  }

  /// Of a step's passes the median.
  private static func middle(_ passes: [RecordedPass]) -> RecordedPass? {
    passes.isEmpty ? nil : passes.sorted { $0.run < $1.run }[passes.count / 2]
  }

  /// The third of the rounds whose worst probe was the least above that step's best in any round; in their order.
  private static func quiet(_ probes: [[Double]]) -> [Int] {
    guard let steps = probes.first?.indices else { return [] }
    let best = steps.map { step in probes.map { $0[step] }.min() ?? 0 }
    let worst = probes.map { round in steps.map { round[$0] / max(best[$0], 1) }.max() ?? 0 }
    return probes.indices.sorted { (worst[$0], $0) < (worst[$1], $1) }
      .prefix((probes.count + 2) / 3).sorted()
  }
}
