import ArgumentParser
import Foundation
import Tributary
import TributaryWorkloads

/// `tributary bench`: the workloads that the comparison with PyTorch runs.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the benchmark workloads, or checks what they compute.",
    discussion: """
      Each workload takes two warm steps and nine timed ones; a step clears the gradients, goes forward and \
      backward, and takes the optimizer's step where there is one. Prints NAME MEDIAN ms, a line each:

        tributary bench                      all of them, with every core
        tributary bench chain --threads 1    one of them, on one thread
        tributary bench towers --check       loss and sum of |gradient| of the third step from fixed inputs

      Workloads:
      \(Workload.catalogue.map { "  \($0.name): \($0.about)" }.joined(separator: "\n"))
      """)

  @Argument(help: "Workloads to run; none: all.")
  var names: [String] = []

  @OptionGroup var threading: ThreadOptions

  @Flag(help: "Print NAME check LOSS GRAD instead of times.")
  var check = false

  func validate() throws {
    let known = Workload.catalogue.map(\.name)
    for name in names where !known.contains(name) {
      throw ValidationError(
        "no workload is called '\(name)'; there are \(known.joined(separator: ", "))")
    }
  }

  func run() throws {
    try threading.with {
      for entry in Workload.catalogue where names.isEmpty || names.contains(entry.name) {
        let workload = try entry.make()
        print(try check ? Self.checkLine(workload) : Self.timeLine(workload))
        fflush(nil)
      }
    }
  }

  private static func timeLine(_ workload: Workload) throws -> String {
    for _ in 0..<2 { try workload.step() }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<9 {
      let took = try clock.measure { try workload.step() }
      times.append(took / .milliseconds(1))
    }
    return "\(workload.name) \(String(format: "%.3f", times.sorted()[times.count / 2])) ms"
  }

  private static func checkLine(_ workload: Workload) throws -> String {
    try workload.fill()
    for _ in 0..<2 { try workload.step() }
    let loss = try workload.step().to(.float64).sum().item()
    return try "\(workload.name) check "
      + String(format: "%.9g %.9g", loss, workload.gradientSum())
  }
}
