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
    try OutputFile.claim(output, for: "trace")
    var inner = try TributaryCommand.parseAsRoot(command)
    let recording = try Trace.during { try inner.run() }
    let events = recording.events
    try ChromeTrace.data(recording).write(to: URL(fileURLWithPath: output))
    let (forward, backward) = (
      events.count { $0.kind == .forward }, events.count { $0.kind == .backward }
    )
    print(
      "\(output): \(forward) operations, \(backward) nodes, \(Set(events.map(\.thread)).count) threads"
    )
  }
}
