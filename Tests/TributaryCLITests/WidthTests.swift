import Foundation
import Testing
import TributaryParallel

/// What decides how many threads work, as the program reports it.
@Suite struct WidthTests {
  private static let variable = "TRIBUTARY_NUM_THREADS"

  /// The line `threads  2, the default` as its words.
  private func threads(
    _ arguments: [String] = [], variable: String = "", through prefix: [String] = []
  ) throws -> [String] {
    let outcome = try Program.run(
      ["topology"] + arguments, environment: [Self.variable: variable], through: prefix)
    #expect(outcome.status == 0)
    let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("threads") }
    return try #require(line).split(separator: " ").dropFirst().map(String.init)
  }

  @Test func theEnvironmentSetsIt() throws {
    for width in [1, 3, 17] where width != Topology.current.defaultWidth {
      #expect(try threads(variable: "\(width)") == ["\(width)"])
    }
  }

  @Test(arguments: ["", "0", "-2", "many", "4097"]) func whatIsNoWidthIsIgnored(variable: String)
    throws
  {
    let width = Topology.current.defaultWidth
    #expect(try threads(variable: variable) == ["\(width),", "the", "default"])
  }

  @Test func theOptionGoesBeforeTheEnvironment() throws {
    #expect(try threads(["--threads", "23"], variable: "19") == ["23"])
  }

  @Test func theAffinityMaskBoundsTheDefault() throws {
    let cores = try #require(AffinityMask.ofProcess).cores
    let last = try #require(cores.last)
    let one = ["taskset", "-c", "\(last)"]
    #expect(try threads(through: one) == ["1,", "the", "default"])
    // What is asked for is taken as asked.
    #expect(try threads(variable: "5", through: one) == ["5"])
    let outcome = try Program.run(["topology"], through: one)
    #expect(outcome.output.contains("1 core: \(last)\n"))
    if cores.count > 1, Topology.current.quota == nil {
      let two = ["taskset", "-c", "\(cores[0]),\(cores[1])"]
      #expect(try threads(through: two) == ["2,", "the", "default"])
    }
  }
}
