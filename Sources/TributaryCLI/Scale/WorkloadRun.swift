import Foundation
import Tributary
import TributaryParallel
import TributaryWorkloads

/// Records a workload's passes on one thread, and measures them on others, in turn; each thread on a core of its own.
///
/// A shared machine takes its cores away for milliseconds, from several threads more often than from one. So each step
/// stands between two probes, a fixed piece of arithmetic on each thread, and of all rounds the third counts in which
/// the slower of the two was fastest.
struct WorkloadRun {
  private struct Sample {
    let pass: RecordedPass
    let probe: Double
  }

  /// Recorded on one thread, node by node.
  private(set) var base: [RecordedPass] = []
  /// By number of threads, how long a step's pass took without anybody looking at its nodes.
  private(set) var measured: [Int: [Double]] = [:]

  /// - Parameter widths: those beyond the cores are not measured.
  init(_ name: String, branches: Int?, widths: [Int], rounds: Int) throws {
    guard let workload = try Workload.named(name, branches: branches) else { return }
    let possible = widths.filter { $0 <= Topology.current.coreCount }
    var recorded: [Sample] = []
    var times: [Int: [Sample]] = [:]
    for round in -2..<rounds {
      // The first two fill pools and caches.
      let whole = try Self.step(workload, 1, .everything)
      if round >= 0 { recorded.append(whole) }
      for width in possible {
        let sample = try Self.step(workload, width, .passes)
        if round >= 0 { times[width, default: []].append(sample) }
      }
    }
    base = Self.quiet(recorded)
    measured = times.mapValues { Self.quiet($0).map { Double($0.run) } }
  }

  private static func step(
    _ workload: Workload, _ width: Int, _ detail: Trace.Detail
  ) throws -> Sample {
    try withThreads(width) {
      let team = WorkerTeam.current
      let before = team.placeThreads()
      let passes = try Trace.during(detail) { try workload.step() }.passes
      let after = team.placeThreads()
      team.releaseThreads()
      guard let pass = middle(passes) else {
        throw TensorError(
          .invalidArgument, operation: "scale", "'\(workload.name)' has no backward pass")
      }
      return Sample(pass: pass, probe: max(before, after))
    }
  }

  /// Of a step's passes the median.
  private static func middle(_ passes: [RecordedPass]) -> RecordedPass? {
    passes.isEmpty ? nil : passes.sorted { $0.run < $1.run }[passes.count / 2]
  }

  private static func quiet(_ samples: [Sample]) -> [RecordedPass] {
    samples.sorted { $0.probe < $1.probe }.prefix((samples.count + 2) / 3).map(\.pass)
  }
}
