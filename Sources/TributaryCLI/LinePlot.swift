import Foundation

/// A plot of lines over logarithmic axes, as SVG.
struct LinePlot {
  struct Line {
    let name: String
    let points: [(x: Double, y: Double)]
    var isDashed = false
  }

  let title: String
  let x: String
  let y: String
  let lines: [Line]

  private static let (width, height) = (720.0, 480.0)
  private static let (left, right, top, bottom) = (64.0, 170.0, 44.0, 52.0)
  /// Okabe and Ito's colours, which the colour-blind can tell apart.
  private static let colors = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
  ]

  /// The powers of two around all values.
  private func range(_ values: [Double]) -> ClosedRange<Double> {
    let positive = values.filter { $0 > 0 && $0.isFinite }
    let low = log2(positive.min() ?? 1).rounded(.down)
    return low...max(low + 1, log2(positive.max() ?? 2).rounded(.up))
  }

  var svg: String {
    let points = lines.flatMap(\.points)
    let (xs, ys) = (range(points.map(\.x)), range(points.map(\.y)))
    let (plotWidth, plotHeight) = (
      Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom
    )
    func place(_ point: (x: Double, y: Double)) -> (Double, Double) {
      (
        Self.left + plotWidth * (log2(point.x) - xs.lowerBound) / (xs.upperBound - xs.lowerBound),
        Self.top + plotHeight * (ys.upperBound - log2(max(point.y, 1e-12)))
          / (ys.upperBound - ys.lowerBound)
      )
    }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
        + "font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      Self.text(Self.left, 26, title, "font-weight=\"bold\" font-size=\"16\""),
      Self.text(Self.left + plotWidth / 2, Self.height - 12, x, "text-anchor=\"middle\""),
      Self.text(16, Self.top - 10, y, ""),
    ]
    for power in stride(from: xs.lowerBound, through: xs.upperBound, by: 1) {
      let (at, _) = place((exp2(power), exp2(ys.lowerBound)))
      parts.append(Self.rule(at, Self.top, at, Self.top + plotHeight))
      parts.append(
        Self.text(
          at, Self.top + plotHeight + 18, Self.number(exp2(power)), "text-anchor=\"middle\""))
    }
    for power in stride(from: ys.lowerBound, through: ys.upperBound, by: 1) {
      let (_, at) = place((exp2(xs.lowerBound), exp2(power)))
      parts.append(Self.rule(Self.left, at, Self.left + plotWidth, at))
      parts.append(
        Self.text(Self.left - 8, at + 4, Self.number(exp2(power)), "text-anchor=\"end\""))
    }
    for (index, line) in lines.enumerated() {
      let color = line.isDashed ? "#888888" : Self.colors[index % Self.colors.count]
      let path = line.points.map(place).map { String(format: "%.1f,%.1f", $0, $1) }
        .joined(separator: " ")
      parts.append(
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\""
          + (line.isDashed ? " stroke-dasharray=\"6 5\"" : "") + "/>")
      let at = Self.top + 14 + 20 * Double(index)
      let edge = Self.width - Self.right + 14
      parts.append(
        "<line x1=\"\(edge)\" y1=\"\(at - 4)\" x2=\"\(edge + 22)\" y2=\"\(at - 4)\" stroke=\"\(color)\" "
          + "stroke-width=\"2\"" + (line.isDashed ? " stroke-dasharray=\"6 5\"" : "") + "/>")
      parts.append(Self.text(edge + 28, at, line.name, ""))
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() ? String(format: "%.0f", value) : String(format: "%g", value)
  }

  private static func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    String(
      format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>", x1, y1,
      x2, y2)
  }

  private static func text(_ x: Double, _ y: Double, _ text: String, _ style: String) -> String {
    let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(
      of: "<", with: "&lt;")
    return String(format: "<text x=\"%.1f\" y=\"%.1f\" ", x, y) + "\(style)>\(escaped)</text>"
  }
}
