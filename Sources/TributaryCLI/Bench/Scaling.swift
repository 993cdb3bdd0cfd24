import Foundation
import Tributary
import TributaryParallel
import TributaryWorkloads

/// Times a workload with several numbers of threads: the same work (strong scaling), and work that grows with the
/// threads (weak scaling).
struct Scaling {
  /// One line of the tables and of the JSON.
  struct Row: Encodable {
    let workload: String
    let threads: Int
    /// How many times the workload's own batch.
    let batch: Int
    /// Median of the steps.
    let milliseconds: Double
    /// Share of the threads' time that was idle.
    let idle: Double
    /// 10⁹ operations or bytes a second; nil where neither bounds the workload.
    let rate: Double?
    let unit: String?
    /// `strong`: the same work as the first row's; `weak`: work that grows with the threads.
    var scaling = ""
    /// How many times the first row's work in the time, and that for each thread.
    var speedUp = 1.0
    var efficiency = 1.0

    func against(_ first: Row, scaling: String) -> Row {
      var row = self
      row.scaling = scaling
      row.speedUp = first.milliseconds / milliseconds * Double(batch) / Double(first.batch)
      row.efficiency = row.speedUp * Double(first.threads) / Double(threads)
      return row
    }
  }

  let widths: [Int]
  let batches: [Int]
  let steps: Int

  /// The rows of strong scaling for each batch, then those that weak scaling needs besides.
  func run(_ entry: (name: String, about: String, make: @Sendable (Int) throws -> Workload)) throws
    -> [Row]
  {
    var rows: [Row] = []
    for batch in batches {
      rows += try measure(entry.name, widths.map { ($0, batch) }, entry.make)
    }
    let weak = widths.compactMap { width in Self.weakBatch(width, widths).map { (width, $0) } }
    let missing = weak.filter { want in
      !rows.contains { $0.threads == want.0 && $0.batch == want.1 }
    }
    return rows + (try measure(entry.name, missing, entry.make))
  }

  /// The first width keeps its batch; others have as much for each thread. Nil where that is no whole number.
  static func weakBatch(_ width: Int, _ widths: [Int]) -> Int? {
    width % widths[0] == 0 ? width / widths[0] : nil
  }

  /// The widths take turns, step by step, so that what else the machine does meets all of them. A turn begins with a step
  /// that does not count: a program that trains takes step after step, with its workers there and its data in the
  /// caches of those who used them last.
  private func measure(
    _ name: String, _ cases: [(width: Int, batch: Int)], _ make: (Int) throws -> Workload
  ) throws -> [Row] {
    let clock = ContinuousClock()
    let workloads = try cases.map { try make($0.batch) }
    var times = [[Double]](repeating: [], count: cases.count)
    var idle = [[Double]](repeating: [], count: cases.count)
    for step in -1..<steps {
      for (index, workload) in workloads.enumerated() {
        try withThreads(cases[index].width) {
          try workload.step()
          var took = Duration.zero
          let share = try WorkerTeam.current.meter.idleShare(width: cases[index].width) {
            took = try clock.measure { try workload.step() }
          }
          // The first turn fills pools.
          guard step >= 0 else { return }
          times[index].append(took / .milliseconds(1))
          idle[index].append(share)
        }
      }
    }
    return cases.indices.map { index in
      let (milliseconds, workload) = (times[index].median, workloads[index])
      let amount = workload.operations > 0 ? workload.operations : workload.bytes
      return Row(
        workload: name, threads: cases[index].width, batch: cases[index].batch,
        milliseconds: milliseconds, idle: idle[index].median,
        rate: amount > 0 ? amount / milliseconds / 1e6 : nil,
        unit: workload.operations > 0 ? "GFLOP/s" : workload.bytes > 0 ? "GB/s" : nil)
    }
  }
}
