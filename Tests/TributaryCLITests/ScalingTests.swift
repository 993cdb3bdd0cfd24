import Foundation
import FoundationXML
import Testing

@Suite struct ScalingTests {
  @Test func tablesJSONAndPlot() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "scaling-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (json, plot) = (
      folder.appendingPathComponent("s.json"), folder.appendingPathComponent("s.svg")
    )
    let outcome = try Program.run([
      "bench", "--scaling", "2,1,3", "--batch", "1x,2x", "--json", json.path, "--plot", plot.path,
      "towers", "tutorial",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    // Two tables of strong scaling and one of weak for each workload.
    #expect(outcome.output.components(separatedBy: "efficiency").count - 1 == 6)
    #expect(outcome.output.contains("GFLOP/s"))
    let rows = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [[String: Any]])
    // Widths 1, 2, 3 at 1x and 2x, and with as much for each thread.
    #expect(rows.count == 2 * 9)
    for row in rows {
      #expect((row["milliseconds"] as? Double ?? 0) > 0)
      let idle = try #require(row["idle"] as? Double)
      #expect((0...1).contains(idle))
      let threads = try #require(row["threads"] as? Double)
      let speedUp = try #require(row["speedUp"] as? Double)
      // Rounded in another order.
      #expect(abs(speedUp - threads * (try #require(row["efficiency"] as? Double))) < 1e-9)
      if threads == 1 { #expect(speedUp == 1) }
      if row["threads"] as? Int == 1 { #expect(idle == 0) }
    }
    let parser = try #require(XMLParser(contentsOf: plot))
    #expect(parser.parse(), "\(parser.parserError as Any)")
    let drawing = try String(contentsOf: plot, encoding: .utf8)
    #expect(drawing.components(separatedBy: "<polyline").count - 1 == 1 + 4)
  }

  @Test(arguments: ["--json", "--plot"]) func outputsAreClaimedFirst(option: String) throws {
    let outcome = try Program.run(["bench", "tutorial", "--scaling", "1", option, "/nowhere/y"])
    #expect(outcome.isRefusal("'/nowhere/y' cannot be written: No such file"), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    ["--scaling", "0"], ["--scaling", "1,x"], ["--scaling", "1", "--batch", "0x"],
    ["--json", "x.json"], ["--scaling", "1", "--check"], ["--scaling", "4097"],
    ["--scaling", "1", "--threads", "2"], ["--check", "--steps", "3"], ["--batch", "1x"],
    ["--scaling", "1", "--json", "y", "--plot", "y"],
    ["--scaling", "1", "--json", "y", "--plot", "./y"],
  ])
  func badArgumentsAreRefused(arguments: [String]) throws {
    #expect(try Program.run(["bench"] + arguments).status == 64)
  }
}
