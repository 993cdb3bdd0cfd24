import Foundation
import Testing

@Suite struct TraceTests {
  private func traced(_ arguments: [String]) throws -> [[String: Any]] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "trace-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = try Program.run(["trace", file.path, "--"] + arguments)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("operations"))
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return try #require((json as? [String: Any])?["traceEvents"] as? [[String: Any]])
  }

  @Test func theTutorialsGraphIsAllThere() throws {
    let events = try traced(["bench", "tutorial", "--check", "--threads", "1"])
    let slices = events.filter { $0["ph"] as? String == "X" }
    let forward = slices.filter { $0["cat"] as? String == "forward" }
    let backward = slices.filter { $0["cat"] as? String == "backward" }
    // Three steps of 1,000 passes: product, sum, loss; and two leaves on the way back.
    // Two more operations make the number that --check prints.
    #expect(forward.count == 9_002)
    #expect(backward.count == 15_000)
    #expect(Set(forward.compactMap { $0["name"] as? String }).count == 5)
    #expect(backward.contains { $0["name"] as? String == "AccumulateGrad" })
    let arguments = try #require(backward.first?["args"] as? [String: Any])
    for key in ["shape", "contributions", "waited_us", "stolen"] { #expect(arguments[key] != nil) }
    // Leaves are not recorded as operations, so no arrow leads to them.
    #expect(events.count { $0["ph"] as? String == "s" } == 9_000)
    #expect(events.count { $0["ph"] as? String == "f" } == 9_000)
    #expect(
      Set(events.filter { $0["ph"] as? String == "C" }.compactMap { $0["name"] as? String }).count
        == 2)
  }

  @Test func eachThreadHasARow() throws {
    // Long enough that a worker comes beside other tests, too.
    let events = try traced(["bench", "wide_towers", "--steps", "20", "--threads", "3"])
    let rows = events.filter { $0["name"] as? String == "thread_name" }
    let threads = Set(events.filter { $0["ph"] as? String == "X" }.compactMap { $0["tid"] as? Int })
    #expect(rows.count == threads.count)
    #expect(threads.count > 1)
  }

  /// What fails is what a trace is wanted for.
  @Test func aRunThatFailsIsTraced() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("t.json")
      let outcome = try Program.run([
        "trace", file.path, "--", "stress", "--plant-fault", "--graphs", "40",
      ])
      #expect(outcome.status == 1)
      #expect(outcome.errors.isEmpty)
      let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
      #expect(((json as? [String: Any])?["traceEvents"] as? [Any])?.isEmpty == false)
    }
  }

  @Test func badInputIsRefused() throws {
    #expect(try Program.run(["trace", "/nowhere/out.json", "--", "tutorial"]).status == 1)
    #expect(try Program.run(["trace", "out.json"]).status == 64)
    let nested = try Program.run(["trace", "out.json", "--", "scale", "--run", "towers"])
    #expect(nested.isRefusal("`scale --run` makes traces of its own"))
    #expect(
      try Program.run(["trace", "out.json", "--", "trace", "x", "--", "tutorial"]).status == 64)
  }
}
