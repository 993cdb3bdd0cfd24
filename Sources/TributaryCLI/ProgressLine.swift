import Glibc

/// Says how far a run has come: a bar that moves on a terminal, a line for each step in a pipe.
struct ProgressLine {
  private static let barWidth = 30
  private let steps: Int
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  init(steps: Int) { self.steps = steps }

  func show(_ step: Int, _ text: String) {
    guard isTerminal else { return print("epoch \(step) of \(steps)  \(text)") }
    let filled = step * Self.barWidth / max(steps, 1)
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
    // Back to the line's begin, and what an earlier, longer text left is cleared.
    print("\r\(bar)  epoch \(step) of \(steps)  \(text)\u{1b}[K", terminator: "")
    fflush(nil)
  }

  /// Ends the bar's line.
  func finish() {
    if isTerminal { print() }
  }
}
