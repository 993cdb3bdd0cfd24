import ArgumentParser
import Tributary
import TributaryParallel

/// `--threads`, the same for every subcommand.
struct ThreadOptions: ParsableArguments {
  /// As many as the engine takes, by `TRIBUTARY_NUM_THREADS` too.
  static let allowed = 1...WorkerTeam.largestWidth

  @Option(
    parsing: .unconditional,
    help: """
      How many threads work, 1 to \(ThreadOptions.allowed.upperBound); default: the cores that the process may use.
      """)
  var threads: Int?

  func validate() throws { if let threads { try Self.check(threads) } }

  /// A number of threads that was asked for, as every subcommand checks it.
  @discardableResult
  static func check(_ threads: Int?) throws -> Int {
    guard let threads, allowed.contains(threads) else {
      throw ValidationError(
        "--threads takes a number of \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return threads
  }

  /// Numbers of threads with commas, of the option called `name`: ascending, each once.
  static func widths(_ text: String, _ name: String) throws -> [Int] {
    try Bench.numbers(text, name, most: allowed.upperBound)
  }

  /// Runs `body` with a team of the width that was asked for.
  func with<R>(_ body: () throws -> R) throws -> R {
    guard let threads else { return try body() }
    return try withThreads(threads) { try body() }
  }
}
