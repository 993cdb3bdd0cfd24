/// How the elements of one tensor are written: all in one notation and padded to one width.
struct ElementFormat {
  enum Notation: Equatable {
    case bool, integer
    /// Whole numbers of a floating dtype, written with a point and no digits after it.
    case whole
    case fixed, scientific
  }

  private(set) var notation: Notation
  private(set) var width = 1
  private let precision: Int

  /// The format that suits `values`: those that will be shown.
  init(for values: [Scalar], _ dtype: DType, _ options: PrintOptions) {
    precision = options.precision
    guard dtype.isFloatingPoint else {
      notation = dtype == .bool ? .bool : .integer
      for value in values { width = max(width, text(value).utf8.count) }
      return
    }
    let finite = values.map(\.double).filter { $0.isFinite && $0 != 0 }
    notation = .whole
    guard !finite.isEmpty else { return }
    let isWhole = finite.allSatisfy { $0 == $0.rounded(.up) }
    notation =
      options.sciMode ?? Self.asksForScientific(finite) ? .scientific : isWhole ? .whole : .fixed
    // Zeros, infinities and NaN do not count for the width: PyTorch's rule.
    for value in finite { width = max(width, text(.real(value)).utf8.count) }
  }

  private static func asksForScientific(_ finite: [Double]) -> Bool {
    let least = finite.reduce(.infinity) { min($0, $1.magnitude) }
    let greatest = finite.reduce(0) { max($0, $1.magnitude) }
    return greatest / least > 1000 || greatest > 1e8 || least < 1e-4
  }

  /// The element, not yet padded.
  private func text(_ value: Scalar) -> String {
    switch (notation, value) {
    case (.bool, .integer(let number)): number == 0 ? "False" : "True"
    case (_, .integer(let number)): String(number)
    case (.whole, .real(let number)):
      NumberText.text(number, digits: 0, scientific: false) + (number.isFinite ? "." : "")
    case (_, .real(let number)):
      NumberText.text(number, digits: precision, scientific: notation == .scientific)
    }
  }

  /// The element, padded on the left.
  func padded(_ value: Scalar) -> String {
    let text = text(value)
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }
}
