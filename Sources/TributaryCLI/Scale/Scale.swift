import ArgumentParser
import Foundation
import Tributary
import TributaryParallel
import TributaryWorkloads

/// `tributary scale`.
struct Scale: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells how a recorded backward pass would run on other numbers of workers.",
    discussion: """
      Replays a pass that was recorded on one thread in virtual time: the scheduler's own code decides which worker runs \
      what, on its own queues; shared words, waking, memory's bandwidth and caches cost what `tributary calibrate` has \
      measured. Prints, for each number of workers, the time, the speed-up, the two lower bounds (the work over the \
      workers, and the critical path), what share of the bound's speed-up is reached, and where the workers' time went.

        tributary trace towers.json -- bench towers --threads 1
        tributary scale towers.json
        tributary scale towers.json --workers 16,64,128 --nodes 2 --plot towers.svg

      Against measurements, from other traces of the same workload, or all at once, each width in turn:

        tributary trace towers2.json -- bench towers --threads 2
        tributary scale towers.json --workers 1,2 --measured towers2.json
        tributary scale --run towers,mlp --workers 1,2
      """)

  @Argument(help: "A file that `tributary trace` has written.", completion: .file())
  var trace: String?

  @Option(parsing: .unconditional, help: "Numbers of workers, with commas.")
  var workers = "1,2,4,8,16,32,64,128"

  @Option(parsing: .unconditional, help: "How many NUMA nodes the workers are spread over.")
  var nodes = 1

  @Option(
    help: "The figures of `tributary calibrate --output`; without it they are measured now.",
    completion: .file())
  var costs: String?

  @Option(help: "A trace of the same workload on other threads, to compare with; more than once.")
  var measured: [String] = []

  @Option(
    name: .customLong("run"),
    help: "Record and measure these workloads of `tributary bench`, with commas.")
  var workloads: String?

  @Option(
    parsing: .unconditional, help: "With --run: how many networks towers or wide_towers is to have."
  )
  var branches: Int?

  @Option(
    parsing: .unconditional,
    help: "With --run: how often each width is measured. (default: \(Scale.usualRounds))")
  var rounds: Int?

  private static let usualRounds = 40

  @Option(help: "Write the figures to this file.", completion: .file())
  var json: String?

  @Option(help: "Draw the speed-ups into this SVG file.", completion: .file())
  var plot: String?

  private var names: [String] { workloads?.split(separator: ",").map(String.init) ?? [] }

  func validate() throws {
    _ = try ThreadOptions.widths(workers, "--workers")
    guard (1...64).contains(nodes) else { throw ValidationError("--nodes takes 1 to 64") }
    if let rounds, !(1...10_000).contains(rounds) {
      throw ValidationError("--rounds takes 1 to 10000")
    }
    if (trace == nil) == (workloads == nil) {
      throw ValidationError("give a trace, or --run with names of workloads")
    }
    if workloads != nil {
      if names.isEmpty { throw ValidationError("--run takes names of workloads, with commas") }
      if !measured.isEmpty { throw ValidationError("--measured belongs to a trace") }
      try Bench.check(names: names)
    }
    if workloads == nil, rounds != nil || branches != nil {
      throw ValidationError("--rounds and --branches belong to --run")
    }
    if let json, json == plot { throw ValidationError("--json and --plot name the same file") }
    try Bench.check(branches: branches, of: names)
  }

  func run() throws {
    let widths = try ThreadOptions.widths(workers, "--workers")
    let jsonFile = try json.map { try OutputFile($0, for: "scale") }
    let plotFile = try plot.map { try OutputFile($0, for: "scale") }
    let given = try costs.map(CostsFile.read)
    var results: [ScaleReport] = []
    if let trace {
      let passes = try PassFile.read(trace)
      let base = try PassChoice.base(passes, of: trace)
      let found = try PassChoice.measured(measured, like: base, widths: widths)
      let replayed = try given ?? CostsFile.measured()
      results.append(
        try ScaleReport(
          name: trace,
          rounds: (RecordedPass.typical(of: base).map { [$0] } ?? base).map {
            ScaleRound(pass: $0, costs: replayed)
          },
          widths: widths, nodes: nodes, measured: found, isTraced: true))
    } else {
      for name in names {
        let run = try WorkloadRun(
          name, branches: branches, widths: widths, rounds: rounds ?? Self.usualRounds,
          costs: given)
        results.append(
          try ScaleReport(
            name: name, rounds: run.rounds, widths: widths, nodes: nodes, isTraced: false))
      }
    }
    for result in results { print(result.text) }
    let rows = results.flatMap(\.rows)
    try jsonFile?.write(OutputFile.json(rows))
    try plotFile?.write(Data(ScaleReport.plot(results).utf8))
  }
}
