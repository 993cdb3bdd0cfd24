import Foundation
import TributaryParallel

/// What replays of a pass found, beside what was measured.
struct ScaleReport {
  struct Row: Encodable {
    let name: String
    let workers: Int
    let nodes: Int
    let predictedMilliseconds: Double
    let speedUp: Double
    /// The two bounds on the time.
    let workBoundMilliseconds: Double
    let pathBoundMilliseconds: Double
    /// Of the speed-up that the larger bound allows.
    let shareOfBound: Double
    /// Shares of the workers' time: work as alone, slower beside others, moved between caches and nodes, queues and
    /// wake-ups, nothing to do.
    let utilisation: Double
    let slowed: Double
    let moved: Double
    let scheduling: Double
    let idle: Double
    /// The median of what was measured, and that of the prediction's errors, round by round where there are rounds.
    let measuredMilliseconds: Double?
    let error: Double?
    /// The least and the greatest of these errors: a median of +40 and -40 % may be 0.
    let leastError: Double?
    let greatestError: Double?
  }

  let name: String
  let rows: [Row]
  private let rounds: [ScaleRound]

  /// - Parameters:
  ///   - rounds: passes of one kind, at least one.
  ///   - measured: by number of threads, nanoseconds of passes that belong to no round.
  ///   - isTraced: whether what was measured was taken while the nodes were traced.
  init(
    name: String, rounds all: [ScaleRound], widths: [Int], nodes: Int,
    measured: [Int: [Double]] = [:], isTraced: Bool
  ) throws {
    let rounds = Self.spread(all, most: 40)
    (self.name, self.rounds) = (name, rounds)
    let passes = try rounds.map { try $0.untracedPass() }
    let bounds = passes.map(PassBounds.init)
    let work = bounds.map(\.work).median
    rows = try widths.map { width in
      let topology = Self.topology(width, nodes)
      let outcomes = try zip(passes, rounds).map { pass, round in
        try PassReplay(
          pass, costs: round.costs, width: width, topology: topology, isTraced: isTraced
        ).run()
      }
      let sorted = outcomes.sorted { $0.nanoseconds < $1.nanoseconds }
      let outcome = sorted[sorted.count / 2]
      let share = 1 / (outcome.nanoseconds * Double(width))
      // Of each round its own, so that a machine whose speed changes does not pass for an error.
      let beside = zip(outcomes, rounds).compactMap { outcome, round in
        round.measured[width].map { (time: $0, error: outcome.nanoseconds / $0 - 1) }
      }
      let apart = (measured[width] ?? []).map {
        (time: $0, error: outcome.nanoseconds / $0 - 1)
      }
      let compared = beside.isEmpty ? apart : beside
      let errors = compared.map(\.error)
      return Row(
        name: name, workers: width, nodes: topology.nodes.count,
        predictedMilliseconds: outcome.nanoseconds / 1e6,
        speedUp: zip(bounds, outcomes).map { $0.work / $1.nanoseconds }.median,
        workBoundMilliseconds: work / Double(width) / 1e6,
        pathBoundMilliseconds: bounds.map(\.criticalPath).median / 1e6,
        shareOfBound: zip(bounds, outcomes).map { $0.least(width) / $1.nanoseconds }.median,
        utilisation: outcome.tally.work * share, slowed: outcome.tally.slowed * share,
        moved: outcome.tally.moved * share, scheduling: outcome.tally.scheduling * share,
        idle: outcome.tally.idle * share,
        measuredMilliseconds: compared.isEmpty ? nil : compared.map(\.time).median / 1e6,
        error: errors.isEmpty ? nil : errors.median, leastError: errors.min(),
        greatestError: errors.max())
    }
  }

  private static func topology(_ width: Int, _ nodes: Int) -> Topology {
    let nodes = min(nodes, width)
    return Topology(
      nodes: (0..<nodes).map { node in
        Topology.Node(
          id: node, cores: Array(width * node / nodes..<width * (node + 1) / nodes))
      })
  }

  /// At most so many, from all of the run.
  private static func spread(_ passes: [ScaleRound], most: Int) -> [ScaleRound] {
    let step = (passes.count + most - 1) / most
    return passes.indices.filter { $0 % max(step, 1) == 0 }.map { passes[$0] }
  }

  // MARK: Text

  var text: String {
    let pass = rounds[rounds.count / 2].pass
    let costs = rounds[rounds.count / 2].costs
    var lines = [
      "\(name): \(pass.count) nodes, \(pass.loops.node.count) loops"
        + (pass.wantsTeam ? "" : "; the caller runs the nodes, the team their loops")
    ]
    lines.append(
      Self.line([
        "workers", "ms", "speed-up", "by work", "by path", "of bound", "working", "slowed", "moved",
        "scheduling", "idle", "measured", "error", "least", "greatest",
      ]))
    for row in rows {
      let shares = [row.utilisation, row.slowed, row.moved, row.scheduling, row.idle]
      lines.append(
        Self.line(
          [
            "\(row.workers)", Self.number(row.predictedMilliseconds),
            String(format: "%.2f", row.speedUp), Self.number(row.workBoundMilliseconds),
            Self.number(row.pathBoundMilliseconds), Self.percent(row.shareOfBound),
          ] + shares.map(Self.percent) + [row.measuredMilliseconds.map(Self.number) ?? ""]
            + [row.error, row.leastError, row.greatestError].map {
              $0.map { String(format: "%+.1f %%", 100 * $0) } ?? ""
            }))
    }
    lines.append(
      String(
        format:
          "ms: from the first node to the last. Before it discovery %.3f and decision %.3f ms, after it commit %.3f ms",
        Double(pass.discovery) / 1e6, Double(pass.decision) / 1e6, Double(pass.commit) / 1e6))
    if let most = rows.map(\.workers).max(), most > costs.cores {
      lines.append("Costs: " + costs.note)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String { String(format: "%.3f", value) }

  private static func percent(_ value: Double) -> String { String(format: "%.1f %%", 100 * value) }

  private static func line(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
  }

  // MARK: Files

  /// Predicted, bounded and measured speed-ups.
  static func plot(_ reports: [ScaleReport]) -> String {
    var lines: [LinePlot.Line] = []
    for report in reports {
      let work = report.rows.first.map { $0.workBoundMilliseconds * Double($0.workers) } ?? 0
      func line(_ name: String, dashed: Bool = false, _ time: (Row) -> Double?) -> LinePlot.Line {
        let points = report.rows.compactMap { row in
          time(row).map { (x: Double(row.workers), y: work / max($0, 1e-9)) }
        }
        let label = reports.count > 1 ? "\(report.name) \(name)" : name
        return LinePlot.Line(name: label, points: points, isDashed: dashed)
      }
      lines.append(line("predicted") { $0.predictedMilliseconds })
      lines.append(
        line("bound", dashed: true) { max($0.workBoundMilliseconds, $0.pathBoundMilliseconds) })
      let measured = line("measured") { $0.measuredMilliseconds }
      if !measured.points.isEmpty { lines.append(measured) }
    }
    return LinePlot(title: "Speed-up of the pass", x: "workers", y: "speed-up", lines: lines).svg
  }
}
