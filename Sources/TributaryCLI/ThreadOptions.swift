import ArgumentParser
import Tributary

/// `--threads`, the same for every subcommand.
struct ThreadOptions: ParsableArguments {
  @Option(help: "How many threads work; default: the cores that the process may use.")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1") }
  }

  /// Runs `body` with a team of the width that was asked for.
  func with<R>(_ body: () throws -> R) throws -> R {
    guard let threads else { return try body() }
    return try withThreads(threads) { try body() }
  }
}
