import ArgumentParser
import Foundation
import TestSupport
import Tributary
import TributaryParallel

/// `tributary stress`.
struct Stress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares the parallel engine with the serial one on random graphs.",
    discussion: """
      Makes random graphs (shared parts, wide fan-in, views, several roots, hooks, retained gradients; \
      in every fourth, places that throw), lets the serial engine differentiate each, then the parallel \
      one with each number of threads while nodes are delayed at random, and compares gradients bit for \
      bit, strides and errors too. A graph is decided by its seed: --seed and those that follow it. \
      Exit status 1 where something differs; each mismatch names its seed.

        tributary stress
        tributary stress --graphs 10000 --threads 2,3,8
        tributary stress --graphs 1 --seed 1234    one graph again
      """)

  @Option(help: "How many graphs.")
  var graphs = 200

  @Option(help: "The seed of the first graph.")
  var seed: UInt64 = 0

  @Option(help: "Numbers of threads, with commas.")
  var threads = "1,2,4"

  private func widths() throws -> [Int] {
    try threads.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let width = Int(part), (1...1024).contains(width) else {
        throw ValidationError("--threads takes numbers of 1 to 1024, with commas: 1,2,4")
      }
      return width
    }
  }

  func validate() throws {
    if graphs < 1 { throw ValidationError("--graphs takes a number of at least 1") }
    _ = try widths()
  }

  func run() throws {
    let teams = try widths().map { WorkerTeam(width: $0) }
    let progress = ProgressLine(steps: graphs, unit: "graph", every: max(1, graphs / 10))
    var mismatches: [EngineComparison.Mismatch] = []
    for graph in 0..<graphs {
      let features: RandomGraph.Features = graph % 4 == 3 ? [.all, .faults] : .all
      let found = try EngineComparison.compare(
        seed: seed &+ UInt64(graph), teams: teams, features: features)
      mismatches += found
      progress.show(graph + 1, "\(mismatches.count) mismatches")
    }
    progress.finish()
    for mismatch in mismatches { print(mismatch) }
    print(
      "\(graphs) graphs, \(graphs * teams.count) runs, \(mismatches.count) mismatches")
    if !mismatches.isEmpty { throw ExitCode.failure }
  }
}
