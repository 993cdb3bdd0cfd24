import CTributaryKernels
import Foundation
import Testing

@Suite struct TrainDigitsTests {
  /// Two epochs with each number of threads, and on each path that runs here.
  @Test func digestDoesNotDependOnThreadsOrPath() throws {
    let arguments = ["train", "digits", "--epochs", "2", "--threads"]
    let reference = try Program.run(arguments + ["1"])
    #expect(reference.status == 0)
    #expect(reference.lastLines[0].hasPrefix("test accuracy 0."))
    #expect(reference.lastLines[1].wholeMatch(of: /digest [0-9a-f]{64}/) != nil)
    for threads in ["2", "3", "8"] {
      #expect(try Program.run(arguments + [threads]).lastLines == reference.lastLines)
    }
    for path in Self.paths {
      let forced = try Program.run(
        arguments + ["2"], environment: ["TRIBUTARY_KERNEL_PATH": path])
      #expect(forced.output.contains("kernel path \(path),"))
      #expect(forced.lastLines == reference.lastLines)
    }
  }

  /// That this processor runs.
  private static let paths = (0..<TRI_PATH_COUNT.rawValue).map { tri_path(rawValue: $0) }
    .filter { tri_kernels_for($0) != nil }.map { String(cString: tri_path_name($0)) }

  @Test func pathsThatDoNotRunHereAreOneLine() throws {
    let others = ["portable", "avx2", "avx512", "neon", "avx-512"].filter {
      !Self.paths.contains($0)
    }
    #expect(others.contains("avx-512") && others.count < 5)
    for path in others {
      let outcome = try Program.run(["topology"], environment: ["TRIBUTARY_KERNEL_PATH": path])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("no path \"\(path)\"; it has portable"))
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func seedsDiffer() throws {
    let runs = try ["0", "1"].map {
      try Program.run(["train", "digits", "--epochs", "1", "--seed", $0]).lastLines[1]
    }
    #expect(runs[0] != runs[1])
  }

  @Test func pipeGetsPlainLines() throws {
    let outcome = try Program.run(["train", "digits", "--epochs", "2"])
    #expect(outcome.output.contains("epoch 1 of 2  loss "))
    #expect(!outcome.output.contains("\r"))
    #expect(!outcome.output.contains("\u{1b}"))
    #expect(outcome.output.contains("kernel path"))
  }

  @Test func reachesTheAccuracy() throws {
    let outcome = try Program.run(["train", "digits"])
    let words = outcome.lastLines[0].split(separator: " ")
    let accuracy = try #require(words.last.flatMap { Double($0) })
    #expect(accuracy >= 0.97)
  }

  private static let header = (0..<64).map { "p\($0)" }.joined(separator: ",") + ",label\n"
  private static let row = Array(repeating: "7", count: 64).joined(separator: ",") + ",3\n"

  private static let damaged: [(text: String, place: String)] = [
    ("", "line 1: the file is empty"),
    (header, "line 2: expected a row"),
    (header + row.replacingOccurrences(of: ",3\n", with: ",x\n"), "line 2, column 65 ('label')"),
    (header + row + "1,2,3", "line 3, column 4 ('p3')"),
    (header + "99" + String(row.dropFirst()), "line 2, column 1 ('p0')"),
    ("\u{1}\u{2}\u{3}\u{0}", "line 1: byte 1"),
    (header + row, "at least five are needed"),
    (header + "nan" + String(row.dropFirst()), "line 2, column 1 ('p0'): expected a finite number"),
    (header + "-inf" + String(row.dropFirst()), "expected a finite number, found '-inf'"),
    (header + "1e999" + String(row.dropFirst()), "expected a finite number, found '1e999'"),
    (header + "0x5" + String(row.dropFirst()), "expected a number, found '0x5'"),
    (
      header + row.replacingOccurrences(of: ",3\n", with: ",10\n"),
      "line 2, column 65 ('label'): expected a label, a whole number from 0 to 9; found 10"
    ),
    (header + row.replacingOccurrences(of: ",3\n", with: ",-1\n"), "expected a label"),
    (header.replacingOccurrences(of: "p7,", with: "q7,") + row, "there is no column 'p7'"),
    (header.replacingOccurrences(of: "label", with: "name") + row, "there is no column 'label'"),
  ]

  @Test(arguments: damaged)
  func damagedFilesAreOneLine(text: String, place: String) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("tributary-\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = try Program.run(["train", "digits", "--epochs", "1", "--data", file.path])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(place))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func missingFileIsOneLine() throws {
    let outcome = try Program.run(["train", "digits", "--data", "/nowhere/digits.csv"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("/nowhere/digits.csv: cannot be read: No such file"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func namesOfFilesStayOnOneLine() throws {
    try Program.inFolder { folder in
      let name = folder.appendingPathComponent("a\nb\u{1b}[1m.csv")
      func train() throws -> Program.Outcome {
        try Program.run(["train", "digits", "--data", name.path])
      }
      #expect(try train().isRefusal("/a\\u{a}b\\u{1b}[1m.csv: cannot be read"))
      for text in ["p0\nx\n", Self.header + Self.row] {
        try Data(text.utf8).write(to: name)
        #expect(try train().isRefusal("/a\\u{a}b\\u{1b}[1m.csv"))
      }
    }
  }
}
