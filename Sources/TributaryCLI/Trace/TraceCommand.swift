import ArgumentParser
import Foundation
import Tributary

/// `tributary trace`.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Runs another subcommand and writes down what each thread did.",
    discussion: """
      Writes Chrome's trace format; open the file at ui.perfetto.dev or chrome://tracing. A row for each thread, a \
      slice for each recorded operation and each node that a backward pass ran, with its shape, how many \
      contributions its gradient had, how long it was ready before it ran, and whether another worker took it; \
      arrows from an operation to its node; counters of ready nodes and live bytes. When an operation began is \
      taken from the end of the one before it. Traced runs are slower; without a trace it costs nothing. \
      Where the subcommand fails, what it did until then is written. \
      `tributary scale` replays the passes of such a file on other numbers of threads.

        tributary trace towers.json -- bench towers
        tributary trace digits.json -- train digits --epochs 1 --threads 2
      """)

  @Argument(help: "The file to write.", completion: .file(extensions: ["json"]))
  var output: String

  @Argument(
    parsing: .postTerminator, help: "Behind --, the subcommand to run, with its arguments.")
  var command: [String] = []

  func validate() throws {
    if command.isEmpty {
      throw ValidationError("name a subcommand behind --, as in: trace out.json -- bench towers")
    }
    if command.first == "trace" { throw ValidationError("a trace of a trace is not to be had") }
  }

  func run() throws {
    var inner = try TributaryCommand.parseAsRoot(command)
    if let scale = inner as? Scale, scale.workloads != nil {
      throw TensorError(
        .invalidArgument, operation: "trace",
        "`scale --run` makes traces of its own, and there is one at a time; trace the workload by `bench`"
      )
    }
    let file = try OutputFile(output, for: "trace")
    var failure: (any Error)?
    let recording = Trace.during { do { try inner.run() } catch { failure = error } }
    let events = recording.events
    // What a run that failed had done is what a trace is wanted for; one that failed before it did anything has none.
    if let failure, events.isEmpty { throw failure }
    try file.write(ChromeTrace.data(recording))
    let (forward, backward) = (
      events.count { $0.kind == .forward }, events.count { $0.kind == .backward }
    )
    print(
      "\(output): \(forward) operations, \(backward) nodes, \(Set(events.map(\.thread)).count) threads"
    )
    if let failure { throw failure }
  }
}
