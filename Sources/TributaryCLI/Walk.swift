/// Prints a lesson: headings, prose, and code with what it gave.
struct Walk {
  private static let lineWidth = 88

  func heading(_ text: String) {
    print("\n\(text)\n\(String(repeating: "-", count: text.count))")
  }

  /// A paragraph, filled to the line's width.
  func say(_ text: String) {
    print()
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > Self.lineWidth {
        print(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    print(line)
  }

  /// Swift code, and the value that it gave.
  func show(_ code: String, _ value: Any? = nil) {
    print()
    for line in code.split(separator: "\n", omittingEmptySubsequences: false) {
      print("    \(line)")
    }
    guard let value else { return }
    for (index, line) in "\(value)".split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      print(index == 0 ? "    → \(line)" : "      \(line)")
    }
  }
}
