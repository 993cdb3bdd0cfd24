import ArgumentParser
import Foundation
import Tributary
import TributaryParallel
import TributaryStress

/// `tributary stress`.
struct Stress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares the parallel engine with the serial one on random graphs.",
    discussion: """
      Makes random graphs (shared parts, wide fan-in, views, several roots, hooks, retained gradients; \
      in every fourth, places that throw), lets the serial engine differentiate each, then the parallel \
      one with each number of threads while nodes are delayed at random, and compares gradients bit for \
      bit, strides and errors too. Beside each graph lie nodes that wait until as many threads as were asked \
      for are inside the engine at once, for ten seconds at most; in how many passes they were is printed. A \
      graph is decided by its seed: --seed and those that follow it. \
      Exit status 1 where something differs or threads were missing; each mismatch names its seed, and the first is \
      shrunk to the steps of its graph that are needed for it. A graph that is not done after two minutes is named \
      too. The digest is of all values and gradients: for the same \
      graphs it is the same on every machine, with any --threads.

        tributary stress
        tributary stress --graphs 10000 --threads 2,3,8
        tributary stress --graphs 1 --seed 1234                 one graph again
        tributary stress --graphs 1 --seed 1234 --steps 3,17    a part of it
        tributary stress --plant-fault                          does this command find anything?
      """)

  @Option(parsing: .unconditional, help: "How many graphs.")
  var graphs = 200

  @Option(
    parsing: .unconditional, help: "The seed of the first graph.", transform: SeedOption.seed)
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: "Numbers of threads, with commas.")
  var threads = "1,2,4"

  @Option(parsing: .unconditional, help: "Only these steps of each graph, with commas.")
  var steps: String?

  @Option(
    parsing: .unconditional, help: "Which delays: of a mismatch that comes with some of them only.")
  var attempt = 0

  @Flag(help: "Sum gradients in order of arrival, a fault that is to be found.")
  var plantFault = false

  private func chosenSteps() throws -> [Int]? {
    try steps.map { text in
      try text.split(separator: ",", omittingEmptySubsequences: true).map { part in
        guard let step = Int(part), step >= 0 else {
          throw ValidationError("--steps takes whole numbers, with commas: 3,17")
        }
        return step
      }.sorted()
    }
  }

  private func widths() throws -> [Int] {
    try ThreadOptions.widths(threads, "--threads")
  }

  func validate() throws {
    if !(0...1_000_000).contains(attempt) {
      throw ValidationError("--attempt takes a whole number of 0 to 1,000,000")
    }
    if graphs < 1 { throw ValidationError("--graphs takes a number of at least 1") }
    _ = try widths()
    _ = try chosenSteps()
  }

  /// By the seed, so that one graph again is the same graph.
  private static func features(seed: UInt64) -> RandomGraph.Features {
    seed % 4 == 3 ? [.all, .faults] : .all
  }

  func run() throws {
    let teams = try widths().map { WorkerTeam(width: $0) }
    let steps = try chosenSteps()
    let progress = ProgressLine(steps: graphs, unit: "graph", every: max(1, graphs / 10))
    var mismatches: [EngineComparison.Mismatch] = []
    var digest = Digest()
    var attendance = teams.map { Attendance(width: $0.width) }
    let watch = StressWatch()
    for graph in 0..<graphs {
      let seed = seed &+ UInt64(graph)
      watch.begins(seed)
      do {
        mismatches += try EngineComparison.compare(
          seed: seed, steps: steps, attempt: attempt, teams: teams,
          features: Self.features(seed: seed), sumsInArrivalOrder: plantFault,
          patience: .seconds(10)
        ) { width, peak in
          guard let team = teams.firstIndex(where: { $0.width == width }) else { return }
          attendance[team].add(peak: peak)
        }
        digest.add(
          try EngineComparison.digest(
            seed: seed, steps: steps, features: Self.features(seed: seed)))
      } catch {
        progress.finish()
        for mismatch in mismatches { print(mismatch) }
        print("graph of seed \(seed) could not be compared")
        throw error
      }
      progress.show(graph + 1, "\(mismatches.count) mismatches")
    }
    watch.ends()
    progress.finish()
    for mismatch in mismatches { print(mismatch) }
    if let first = mismatches.first { try printShrunk(first, steps, teams) }
    for line in attendance {
      print(
        "\(Surroundings.counted(line.width, "thread")): all inside at once in \(line.full) of "
          + "\(Surroundings.counted(line.passes, "pass", "passes")), at most \(line.most)")
    }
    print("digest \(String(format: "%016llx", digest.value))")
    let short = attendance.reduce(0) { $0 + $1.passes - $1.full }
    if short > 0 { print("\(short) passes had fewer threads inside than asked for") }
    print(
      "\(graphs) graphs, \(graphs * teams.count) runs, \(mismatches.count) mismatches")
    if !mismatches.isEmpty || short > 0 { throw ExitCode.failure }
  }

  private func printShrunk(
    _ mismatch: EngineComparison.Mismatch, _ steps: [Int]?, _ teams: [WorkerTeam]
  ) throws {
    let seed = mismatch.seed
    let all = steps ?? Array(0..<RandomGraph.stepCount(seed: seed))
    // The delays with which what is left failed last.
    var failing = attempt
    let needed = try GraphShrinker { steps, more in
      let attempt = attempt + more
      let fails = try !EngineComparison.compare(
        seed: seed, steps: steps, attempt: attempt, teams: teams,
        features: Self.features(seed: seed), sumsInArrivalOrder: plantFault,
        // With the roots that the run had: delays go by a node's place among all.
        noting: { _, _ in }
      ).isEmpty
      if fails { failing = attempt }
      return fails
    }.shrink(all)
    print(
      "of the \(all.count) steps of graph \(seed) it takes \(needed.count):\n"
        + "  tributary stress --graphs 1 --seed \(seed) --threads \(threads) --steps "
        + needed.map(String.init).joined(separator: ",")
        + (failing == 0 ? "" : " --attempt \(failing)") + (plantFault ? " --plant-fault" : ""))
  }
}
