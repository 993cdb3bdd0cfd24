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

  // MARK: Tables

  var text: String {
    workloads.map { name in
      let strong = batches.map { batch in
        table("\(name), batch \(batch)x: the same work", widths.compactMap { row(name, $0, batch) })
        {
          first, row in first.milliseconds / row.milliseconds
        }
      }
      let weak = table(
        "\(name): work that grows with the threads",
        widths.compactMap { row(name, $0, Scaling.weakBatch($0, widths)) }
      ) { first, row in
        first.milliseconds / row.milliseconds * Double(row.batch) / Double(first.batch)
      }
      return (strong + [weak]).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private func table(
    _ title: String, _ rows: [Scaling.Row], speedUp: (Scaling.Row, Scaling.Row) -> Double
  ) -> String {
    guard let first = rows.first else { return "" }
    var lines = [title]
    lines.append(
      Self.line([
        "threads", "batch", "ms", "speed-up", "efficiency", first.unit ?? "", "idle",
      ]))
    for row in rows {
      let factor = speedUp(first, row)
      lines.append(
        Self.line([
          "\(row.threads)", "\(row.batch)x", String(format: "%.3f", row.milliseconds),
          String(format: "%.2f", factor),
          String(format: "%.0f %%", 100 * factor * Double(first.threads) / Double(row.threads)),
          row.rate.map { String(format: "%.1f", $0) } ?? "",
          String(format: "%.0f %%", 100 * row.idle),
        ]))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
  }

  // MARK: Files

  func json() throws -> Data { try OutputFile.json(rows) }

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
