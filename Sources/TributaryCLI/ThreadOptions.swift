import ArgumentParser
import Tributary

/// `--threads`, the same for every subcommand.
struct ThreadOptions: ParsableArguments {
  /// As many as the engine takes, by `TRIBUTARY_NUM_THREADS` too.
  private static let allowed = 1...4096

  @Option(help: "How many threads work, 1 to 4096; default: the cores that the process may use.")
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

  /// Runs `body` with a team of the width that was asked for.
  func with<R>(_ body: () throws -> R) throws -> R {
    guard let threads else { return try body() }
    return try withThreads(threads) { try body() }
  }
}
