import ArgumentParser
import Foundation
import Tributary
import TributaryParallel

/// `tributary calibrate`.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures what threads and memory of this machine cost a backward pass.",
    discussion: """
      Takes some seconds, on an otherwise idle machine. `tributary scale` replays passes with these figures. The file \
      may be changed by hand, to ask what another machine would do: its note says what is assumed.

        tributary calibrate
        tributary calibrate --output costs.json
      """)

  @Option(help: "Write the figures to this file, as JSON.", completion: .file(extensions: ["json"]))
  var output: String?

  func run() throws {
    let file = try output.map { try OutputFile($0, for: "calibrate") }
    let costs = try CostsFile.measured()
    print(CostsFile.table(costs))
    try file?.write(OutputFile.json(costs))
  }
}

/// The file of costs, and how it is shown.
enum CostsFile {
  /// Measures now. What busy cores do is a product that fits a core's own cache: the work that most passes are made of.
  static func measured() throws -> ReplayCosts {
    let (a, b) = (try Tensor.ones([160, 160]), try Tensor.ones([160, 160]))
    return Calibration.run {
      // A lack of memory would show as a time of nothing.
      _ = try? withThreads(1) { try a.matmul(b) }
    }
  }

  static func read(_ path: String) throws -> ReplayCosts {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw OutputFile.problem(path, "scale", "cannot be read")
    }
    guard let costs = try? JSONDecoder().decode(ReplayCosts.self, from: data) else {
      throw OutputFile.problem(
        path, "scale", "is not a file of costs; `tributary calibrate --output` writes one")
    }
    if let flaw = costs.flaw { throw OutputFile.problem(path, "scale", "cannot be used: \(flaw)") }
    return costs
  }

  static func table(_ costs: ReplayCosts) -> String {
    let (team, memory) = (costs.team, costs.memory)
    func rates(_ bandwidth: ReplayCosts.Bandwidth) -> String {
      bandwidth.together.map { String(format: "%.1f", $0) }.joined(separator: ", ")
    }
    let times: [(String, Double)] = [
      ("reading the clock", team.clock), ("a node on the team, more than on its caller", team.node),
      ("a ready node, into a queue and out of it", team.take),
      ("a word that another core changed last", team.word),
      ("one that a core of another NUMA node changed last", team.remoteWord),
      ("opening and closing a loop", team.loop),
      ("until a searching worker begins what was posted", team.handOver),
      ("until the opener sees that its loop is over", team.join),
      ("the same where it sleeps", team.wake),
      ("until a worker that was away begins", team.summons),
      ("what summoning costs the one who posts", team.summonsOfPoster),
      ("until one more worker begins", team.nextSummons),
    ]
    var rows = times.map { ($0.0, String(format: "%.0f ns", $0.1)) }
    rows += [
      ("from main memory, by cores at once", rates(memory.main) + " GB/s"),
      ("from the shared cache, by cores at once", rates(memory.shared) + " GB/s"),
      (
        "what another core has written, more than one's own",
        String(format: "%.1f ns/KiB", memory.transfer * 1_024)
      ),
      (
        "memory of another NUMA node takes as long as",
        String(format: "%.2f times one's own", memory.remoteFactor)
      ),
      ("a core's own cache", "\(memory.ownCacheBytes >> 10) KiB"),
      ("the shared cache", "\(memory.sharedCacheBytes >> 10) KiB"),
      (
        "time of the same work, by busy cores",
        costs.busy.map { String(format: "%.2f", $0) }.joined(separator: ", ")
      ),
    ]
    let width = (rows.map(\.0.count).max() ?? 0) + 2
    return rows.map { $0.0.padding(toLength: width, withPad: " ", startingAt: 0) + $0.1 }
      .joined(separator: "\n") + "\n\(costs.note)"
  }
}
