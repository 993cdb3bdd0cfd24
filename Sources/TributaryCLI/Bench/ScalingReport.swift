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

  /// The tables of one workload: strong scaling for each batch, then weak scaling.
  private func tables(_ name: String) -> [(title: String, rows: [Scaling.Row])] {
    func against(_ scaling: String, _ rows: [Scaling.Row]) -> [Scaling.Row] {
      rows.map { $0.against(rows[0], scaling: scaling) }
    }
    let strong = batches.map { batch in
      (
        "\(name), batch \(batch)x: the same work",
        against("strong", widths.compactMap { row(name, $0, batch) })
      )
    }
    let weak = widths.compactMap { width in
      Scaling.weakBatch(width, widths).flatMap { row(name, width, $0) }
    }
    return strong + [("\(name): work that grows with the threads", against("weak", weak))]
  }

  // MARK: Tables

  var text: String {
    workloads.flatMap(tables).map(Self.table).joined(separator: "\n")
  }

  private static func table(_ title: String, _ rows: [Scaling.Row]) -> String {
    let heads = [
      "threads", "batch", "ms", "speed-up", "efficiency", rows.first?.unit ?? "", "idle",
    ]
    let cells = rows.map { row in
      [
        "\(row.threads)", "\(row.batch)x", String(format: "%.3f", row.milliseconds),
        String(format: "%.2f", row.speedUp), String(format: "%.0f %%", 100 * row.efficiency),
        row.rate.map { String(format: "%.1f", $0) } ?? "",
        String(format: "%.0f %%", 100 * row.idle),
      ]
    }
    return ([title] + ([heads] + cells).map(line)).joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
  }

  // MARK: Files

  func json() throws -> Data { try OutputFile.json(workloads.flatMap(tables).flatMap(\.rows)) }

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
