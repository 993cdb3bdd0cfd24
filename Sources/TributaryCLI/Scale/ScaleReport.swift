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
    let measuredMilliseconds: Double?
    let error: Double?
  }

  let name: String
  let rows: [Row]
  private let base: [RecordedPass]
  private let costs: ReplayCosts

  /// - Parameters:
  ///   - base: passes of one kind, recorded on one thread; at least one.
  ///   - measured: by number of threads, nanoseconds.
  ///   - isTraced: whether those were taken while the nodes were traced.
  init(
    name: String, base: [RecordedPass], costs: ReplayCosts, widths: [Int], nodes: Int,
    measured: [Int: [Double]], isTraced: Bool
  ) {
    (self.name, self.base, self.costs) = (name, base, costs)
    // Each node's time holds one reading of the clock.
    let passes = Self.spread(base, most: 25).map { $0.withoutClock(costs.team.clock) }
    let bounds = passes.map(PassBounds.init)
    let work = Self.median(bounds.map(\.work))
    rows = widths.map { width in
      let topology = Self.topology(width, nodes)
      let outcomes = passes.map {
        PassReplay($0, costs: costs, width: width, topology: topology, isTraced: isTraced).run()
      }.sorted { $0.nanoseconds < $1.nanoseconds }
      let outcome = outcomes[outcomes.count / 2]
      let all = outcome.nanoseconds * Double(width)
      let least = Self.median(bounds.map { $0.least(width) })
      let time = measured[width].map(Self.median)
      return Row(
        name: name, workers: width, nodes: topology.nodes.count,
        predictedMilliseconds: outcome.nanoseconds / 1e6, speedUp: work / outcome.nanoseconds,
        workBoundMilliseconds: work / Double(width) / 1e6,
        pathBoundMilliseconds: Self.median(bounds.map(\.criticalPath)) / 1e6,
        shareOfBound: least / outcome.nanoseconds, utilisation: outcome.tally.work / all,
        slowed: outcome.tally.slowed / all, moved: outcome.tally.moved / all,
        scheduling: outcome.tally.scheduling / all, idle: outcome.tally.idle / all,
        measuredMilliseconds: time.map { $0 / 1e6 },
        error: time.map { outcome.nanoseconds / $0 - 1 })
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

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// At most so many, from all of the run.
  private static func spread(_ passes: [RecordedPass], most: Int) -> [RecordedPass] {
    let step = (passes.count + most - 1) / most
    return passes.indices.filter { $0 % max(step, 1) == 0 }.map { passes[$0] }
  }

  // MARK: Text

  var text: String {
    let pass = base[base.count / 2]
    var lines = [
      "\(name): \(pass.count) nodes, \(pass.loops.node.count) loops"
        + (pass.wantsTeam ? "" : "; the caller runs the nodes, the team their loops")
    ]
    lines.append(
      Self.line([
        "workers", "ms", "speed-up", "by work", "by path", "of bound", "working", "slowed", "moved",
        "scheduling", "idle", "measured", "error",
      ]))
    for row in rows {
      let shares = [row.utilisation, row.slowed, row.moved, row.scheduling, row.idle]
      lines.append(
        Self.line(
          [
            "\(row.workers)", Self.number(row.predictedMilliseconds),
            String(format: "%.2f", row.speedUp), Self.number(row.workBoundMilliseconds),
            Self.number(row.pathBoundMilliseconds), Self.percent(row.shareOfBound),
          ] + shares.map(Self.percent) + [
            row.measuredMilliseconds.map(Self.number) ?? "",
            row.error.map { String(format: "%+.1f %%", 100 * $0) } ?? "",
          ]))
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

  static func json(_ rows: [Row]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(rows)
  }

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
