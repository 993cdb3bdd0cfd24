import Foundation

/// The tables, the JSON and the plot of a scaling run.
struct ScalingReport {
  let rows: [Scaling.Row]
  let widths: [Int]
  let batches: [Int]

  private func row(_ workload: String, _ threads: Int, _ batch: Int) -> Scaling.Row? {
    rows.first { $0.workload == workload && $0.threads == threads && $0.batch == batch }
  }

  private var workloads: [String] {
    rows.reduce(into: []) { if !$0.contains($1.workload) { $0.append($1.workload) } }
  }

  /// A line of the tables and of the JSON.
  private struct Line: Encodable {
    let workload: String
    /// `strong`: the same work; `weak`: work that grows with the threads.
    let scaling: String
    let threads: Int
    let batch: Int
    let milliseconds: Double
    /// How many times the work in the time, against the first of the widths.
    let speedUp: Double
    let efficiency: Double
    let rate: Double?
    let unit: String?
    let idle: Double

    init(_ row: Scaling.Row, scaling: String, first: Scaling.Row) {
      (workload, self.scaling) = (row.workload, scaling)
      (threads, batch, milliseconds) = (row.threads, row.batch, row.milliseconds)
      speedUp = first.milliseconds / row.milliseconds * Double(row.batch) / Double(first.batch)
      efficiency = speedUp * Double(first.threads) / Double(row.threads)
      (rate, unit, idle) = (row.rate, row.unit, row.idle)
    }
  }

  /// The tables of one workload: strong scaling for each batch, then weak scaling.
  private func tables(_ name: String) -> [(title: String, lines: [Line])] {
    func lines(_ scaling: String, _ rows: [Scaling.Row]) -> [Line] {
      rows.first.map { first in rows.map { Line($0, scaling: scaling, first: first) } } ?? []
    }
    let strong = batches.map { batch in
      (
        "\(name), batch \(batch)x: the same work",
        lines("strong", widths.compactMap { row(name, $0, batch) })
      )
    }
    let weak = widths.compactMap { width in
      Scaling.weakBatch(width, widths).flatMap { row(name, width, $0) }
    }
    return strong + [("\(name): work that grows with the threads", lines("weak", weak))]
  }

  // MARK: Tables

  var text: String {
    workloads.flatMap(tables).map(Self.table).joined(separator: "\n")
  }

  private static func table(_ title: String, _ lines: [Line]) -> String {
    let heads = [
      "threads", "batch", "ms", "speed-up", "efficiency", lines.first?.unit ?? "", "idle",
    ]
    let rows = lines.map { line in
      [
        "\(line.threads)", "\(line.batch)x", String(format: "%.3f", line.milliseconds),
        String(format: "%.2f", line.speedUp), String(format: "%.0f %%", 100 * line.efficiency),
        line.rate.map { String(format: "%.1f", $0) } ?? "",
        String(format: "%.0f %%", 100 * line.idle),
      ]
    }
    return ([title] + ([heads] + rows).map(line)).joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
  }

  // MARK: Files

  func json() throws -> Data { try OutputFile.json(workloads.flatMap(tables).flatMap(\.lines)) }

  /// Speed-up by threads, a line for each workload and batch, and the ideal.
  func plot() -> String {
    var lines: [LinePlot.Line] = []
    for name in workloads {
      for batch in batches {
        let points = widths.compactMap { row(name, $0, batch) }
        guard let first = points.first else { continue }
        lines.append(
          LinePlot.Line(
            name: batches.count > 1 ? "\(name) \(batch)x" : name,
            points: points.map { (Double($0.threads), first.milliseconds / $0.milliseconds) }))
      }
    }
    let ideal = LinePlot.Line(
      name: "ideal", points: widths.map { (Double($0), Double($0) / Double(widths[0])) },
      isDashed: true)
    return LinePlot(
      title: "Speed-up of one step", x: "threads", y: "speed-up", lines: [ideal] + lines
    )
    .svg
  }
}
