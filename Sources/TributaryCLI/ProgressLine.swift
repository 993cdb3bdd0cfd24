import Glibc

/// Says how far a run has come: a bar that moves on a terminal, a line for each step in a pipe.
struct ProgressLine {
  private static let barWidth = 30
  private let steps: Int
  private let unit: String
  private let every: Int
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  /// `unit` is what a step is called; a pipe gets a line for each `every` of them.
  init(steps: Int, unit: String = "epoch", every: Int = 1) {
    self.steps = steps
    self.unit = unit
    self.every = every
  }

  func show(_ step: Int, _ text: String) {
    guard isTerminal else {
      guard step % every == 0 else { return }
      print("\(unit) \(step) of \(steps)  \(text)")
      // Else a reader at the other end sees nothing until the end.
      fflush(nil)
      return
    }
    let filled = step * Self.barWidth / max(steps, 1)
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
    // Back to the line's begin, and what an earlier, longer text left is cleared.
    print("\r\(bar)  \(unit) \(step) of \(steps)  \(text)\u{1b}[K", terminator: "")
    fflush(nil)
  }

  /// Ends the bar's line.
  func finish() {
    if isTerminal { print() }
  }
}
