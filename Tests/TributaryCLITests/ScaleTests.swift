import Foundation
import FoundationXML
import Testing

@Suite struct ScaleTests {
  private func trace(_ file: URL, _ arguments: [String]) throws {
    #expect(try Program.run(["trace", file.path, "--"] + arguments).status == 0)
  }

  @Test func aTraceIsReplayed() throws {
    try Program.inFolder { folder in
      let names = ["one", "two", "costs", "rows"].map {
        folder.appendingPathComponent($0 + ".json")
      }
      let plot = folder.appendingPathComponent("plot.svg")
      try trace(names[0], ["bench", "towers", "--threads", "1"])
      try trace(names[1], ["bench", "towers", "--threads", "2"])
      let calibrated = try Program.run(["calibrate", "--output", names[2].path])
      #expect(calibrated.status == 0)
      #expect(calibrated.output.contains("GB/s"))
      let outcome = try Program.run([
        "scale", names[0].path, "--costs", names[2].path, "--workers", "64,1,2", "--nodes", "2",
        "--measured", names[1].path, "--json", names[3].path, "--plot", plot.path,
      ])
      #expect(outcome.status == 0)
      #expect(outcome.errors.isEmpty)
      #expect(outcome.output.contains("707 nodes"))
      #expect(outcome.output.contains("greatest"))
      let rows = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: names[3])) as? [[String: Any]])
      for row in rows where row["error"] != nil {
        let errors = ["leastError", "error", "greatestError"].compactMap { row[$0] as? Double }
        #expect(errors.count == 3 && errors[0] < errors[2] && errors == errors.sorted())
      }
      #expect(rows.compactMap { $0["workers"] as? Int } == [1, 2, 64])
      #expect(rows.compactMap { $0["nodes"] as? Int } == [1, 2, 2])
      #expect(rows.map { $0["error"] != nil } == [false, true, false])
      let speedUps = rows.compactMap { $0["speedUp"] as? Double }
      for (row, speedUp) in zip(rows, speedUps) {
        let share = try #require(row["shareOfBound"] as? Double)
        #expect(share > 0 && share <= 1.01)
        #expect(speedUp <= Double(row["workers"] as? Int ?? 0) * 1.01)
      }
      #expect(speedUps.count == 3 && speedUps[2] > speedUps[1])
      let parser = try #require(XMLParser(contentsOf: plot))
      #expect(parser.parse(), "\(parser.parserError as Any)")
    }
  }

  @Test func onlyTracesThatAreComparedAreTaken() throws {
    try Program.inFolder { folder in
      let files = ["one", "two"].map { folder.appendingPathComponent($0 + ".json").path }
      for (threads, file) in files.enumerated() {
        try trace(
          URL(fileURLWithPath: file),
          ["bench", "towers", "--branches", "4", "--threads", "\(threads + 1)"])
      }
      func scale(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["scale", files[0]] + arguments)
      }
      #expect(
        try scale("--workers", "1,4", "--measured", files[1])
          .isRefusal("was recorded on 2 threads, which --workers does not name"))
      #expect(
        try scale("--workers", "1,2", "--measured", files[1], "--measured", files[1])
          .isRefusal("is the second that was recorded on 2 threads"))
    }
  }

  /// Before anything is measured, which takes seconds.
  @Test(arguments: ["--json", "--plot"]) func outputsAreClaimedFirst(option: String) throws {
    let outcome = try Program.run(["scale", "/nowhere/x.json", option, "/nowhere/y"])
    #expect(outcome.isRefusal("'/nowhere/y' cannot be written: No such file"), "\(outcome.errors)")
  }

  /// Times that would add up to more than an Int.
  @Test func figuresOutOfRangeAreOneLine() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("x.json")
      try trace(file, ["bench", "towers", "--threads", "1", "--branches", "4", "--steps", "1"])
      let text = try String(contentsOf: file, encoding: .utf8)
      for key in ["run", "discovery", "decision", "commit"] {
        // `run` is also the name of a number below 100.
        let damaged = text.replacing(
          try Regex("\"\(key)\":[0-9]{\(key == "run" ? 3 : 1),}"), with: "\"\(key)\":\(Int.max)")
        #expect(damaged != text)
        try Data(damaged.utf8).write(to: file)
        #expect(try Program.run(["scale", file.path]).isRefusal("out of range"))
      }
    }
  }

  /// The caller's passes and those of one node too: `tutorial` has 1,000 of them a step.
  @Test func smallPassesAreReplayed() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("tutorial.json")
      try trace(file, ["bench", "tutorial", "--threads", "1", "--check"])
      let outcome = try Program.run(["scale", file.path, "--workers", "1,4"])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("the caller runs the nodes"))
    }
  }

  /// Beside each edge stands what summing its contribution took, no more than its node did; of products, which their
  /// sums form, nothing.
  @Test func whatIsSummedIsTimed() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("rnn.json")
      try trace(file, ["bench", "rnn", "--threads", "1", "--check"])
      let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      let passes = (json?["tributary"] as? [String: Any])?["passes"] as? [[String: Any]]
      func column(_ table: String, _ name: String) throws -> [Int] {
        try #require((passes?.first?[table] as? [String: Any])?[name] as? [Int])
      }
      let (times, first) = (try column("nodes", "time"), try column("nodes", "firstEdge"))
      let folding = try column("edges", "folding")
      // Two biases, in each of a hundred steps.
      #expect(folding.count { $0 > 0 } == 200)
      for node in times.indices {
        #expect(folding[first[node]..<first[node + 1]].reduce(0, +) <= times[node])
      }
    }
  }

  @Test func workloadsAreRecordedAndMeasured() throws {
    let outcome = try Program.run([
      "scale", "--run", "towers", "--branches", "8", "--workers", "1,2", "--rounds", "6",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("91 nodes"))
    #expect(outcome.output.contains("measured"))
  }

  @Test func branchesOfABench() throws {
    func check(_ branches: String) throws -> String {
      let outcome = try Program.run(["bench", "towers", "--check", "--branches", branches])
      #expect(outcome.status == 0)
      return outcome.output
    }
    #expect(try check("64") == Program.run(["bench", "towers", "--check"]).output)
    #expect(try check("3") != check("64"))
  }

  @Test func badFilesAreOneLine() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("x.json")
      func expectRefusal(_ arguments: [String], _ words: String) throws {
        let outcome = try Program.run(["scale"] + arguments)
        #expect(outcome.isRefusal(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
      }
      try expectRefusal(["/nowhere/x.json"], "cannot be read")
      try Data("{}".utf8).write(to: file)
      try expectRefusal([file.path], "is not a trace with passes")
      try expectRefusal([file.path, "--costs", file.path], "is not a file of costs")
      try Data(#"{"tributary": {"passes": []}}"#.utf8).write(to: file)
      try expectRefusal([file.path], "no backward pass")
      try trace(file, ["bench", "towers", "--threads", "2", "--branches", "4"])
      try expectRefusal([file.path], "record with --threads 1")
      let text = try String(contentsOf: file, encoding: .utf8)
      let damaged = text.replacing(#""receiver":["#, with: #""receiver":[-2,"#)
      try Data(damaged.utf8).write(to: file)
      try expectRefusal([file.path], "cannot be replayed")
    }
    #expect(try Program.run(["calibrate", "--output", "/nowhere/x.json"]).status == 1)
  }

  @Test(arguments: [
    ["scale"], ["scale", "x.json", "--run", "towers"], ["scale", "--run", "nonsense"],
    ["scale", "x.json", "--workers", "0"], ["scale", "x.json", "--nodes", "0"],
    ["scale", "--run", "towers", "--measured", "x.json"], ["bench", "mlp", "--branches", "2"],
    ["scale", "--run", "towers", "--branches", "0"], ["bench", "--branches", "2"],
    ["scale", "x.json", "--rounds", "3"], ["scale", "x.json", "--branches", "3"],
    ["scale", "x.json", "--json", "y", "--plot", "y"], ["scale", "x.json", "--workers", "4097"],
  ])
  func badArgumentsAreRefused(arguments: [String]) throws {
    #expect(try Program.run(arguments).status == 64)
  }
}
