@preconcurrency import Glibc
import Tributary

/// What the program prints.
enum StandardOutput {
  /// Throws where something that was printed could not be written: who reads the output is to know that it is not all
  /// there.
  static func finish() throws {
    // An earlier write that failed has left its mark, but not its reason.
    let reason = fflush(stdout) == 0 ? nil : String(cString: strerror(errno))
    guard reason != nil || ferror(stdout) != 0 else { return }
    throw TensorError(
      .invalidArgument, operation: "standard output",
      "what was printed could not be written" + (reason.map { ": " + $0 } ?? ""))
  }

  /// A reader that has seen enough, as `head`, ends the program quietly, also where its parent ignores the signal.
  static func endQuietlyWithoutReader() { signal(SIGPIPE, SIG_DFL) }
}
