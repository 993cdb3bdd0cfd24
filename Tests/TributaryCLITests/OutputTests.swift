import Foundation
import Testing

/// Files that the program writes, and its standard output.
@Suite struct OutputTests {
  /// A run that fails, or never begins, leaves what was there, and nothing else.
  @Test(
    arguments: [
      (["trace", "FILE", "--", "train", "digits", "--data", "/nowhere/x.csv"], 1),
      (["trace", "FILE", "--", "nosuch"], 64),
      (["trace", "FILE", "--", "bench", "--steps", "0"], 64),
      (["trace", "FILE", "--", "bench", "--help"], 0),
      (["scale", "/nowhere/x.json", "--json", "FILE"], 1),
      (["bench", "chain", "--scaling", "1", "--json", "FILE", "--plot", "/nowhere/y"], 1),
    ] as [([String], Int32)])
  func filesStayWhereTheRunFails(arguments: [String], status: Int32) throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("keep.json")
      for text in ["what was there", nil] {
        if let text {
          try Data(text.utf8).write(to: file)
        } else {
          try FileManager.default.removeItem(at: file)
        }
        let outcome = try Program.run(arguments.map { $0 == "FILE" ? file.path : $0 })
        #expect(outcome.status == status)
        #expect((try? String(contentsOf: file, encoding: .utf8)) == text)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == (text == nil ? [] : ["keep.json"]))
      }
    }
  }

  private static let short = ["bench", "tutorial", "--check", "--threads", "1"]

  /// The file is replaced: its mode stays, and a link goes on leading to it.
  @Test func aFileIsReplacedInOneStep() throws {
    try Program.inFolder { folder in
      let (file, link) = (
        folder.appendingPathComponent("t.json"), folder.appendingPathComponent("link.json")
      )
      try Data("old".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      #expect(try Program.run(["trace", link.path, "--"] + Self.short).status == 0)
      #expect(try Data(contentsOf: file).starts(with: Data("{".utf8)))
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
  }

  /// A file with another name keeps it: both hold what was written.
  @Test func aFileWithTwoNamesKeepsBoth() throws {
    try Program.inFolder { folder in
      let names = ["a", "b"].map { folder.appendingPathComponent($0) }
      try Data("old".utf8).write(to: names[0])
      try FileManager.default.linkItem(at: names[0], to: names[1])
      #expect(try Program.run(["trace", names[0].path, "--"] + Self.short).status == 0)
      #expect(try Data(contentsOf: names[0]).starts(with: Data("{".utf8)))
      #expect(try Data(contentsOf: names[0]) == Data(contentsOf: names[1]))
    }
    #expect(try Program.run(["trace", "", "--"] + Self.short).errors.contains("has no name"))
  }

  /// What is no file is written to as it is: standard output, as a pipe and as a file, and a named pipe.
  @Test func pipesAndDevicesAreWrittenTo() throws {
    try Program.inFolder { folder in
      func expectTrace(_ text: String) {
        #expect(text.contains("{\"displayTimeUnit\""))
        #expect(text.contains("tutorial check"))
        #expect(text.contains("operations,"))
      }
      let trace = ["trace", "/dev/stdout", "--"] + Self.short
      expectTrace(try Program.run(trace).output)
      let file = folder.appendingPathComponent("out").path
      let redirected = try Program.run(
        trace, through: ["sh", "-c", "\"$0\" \"$@\" > '\(file)'"])
      #expect(redirected.status == 0)
      expectTrace(try String(contentsOfFile: file, encoding: .utf8))
      let pipe = folder.appendingPathComponent("pipe").path
      let piped = try Program.run(
        ["trace", pipe, "--"] + Self.short,
        through: ["sh", "-c", "mkfifo '\(pipe)'; cat '\(pipe)' & \"$0\" \"$@\"; wait"])
      #expect(piped.status == 0)
      expectTrace(piped.output)
      #expect(try Program.run(["trace", "/dev/null", "--"] + Self.short).status == 0)
      #expect(
        try Program.run(["trace", "/dev/full", "--"] + Self.short)
          .isRefusal("'/dev/full' cannot be written: No space left"))
      #expect(
        try Program.run(["trace", folder.path, "--"] + Self.short).isRefusal("it is a folder"))
    }
  }

  /// A disk that is full is not passed over in silence.
  @Test(arguments: [
    ["tutorial"], ["train", "digits", "--epochs", "1"], ["--help"], ["help", "bench"], ["topology"],
    ["stress", "--graphs", "2"],
  ])
  func outputThatCannotBeWrittenIsAnError(arguments: [String]) throws {
    for target in ["> /dev/full", ">&-"] {
      let outcome = try Program.run(
        arguments, through: ["sh", "-c", "\"$0\" \"$@\" \(target)"])
      #expect(outcome.isRefusal("what was printed could not be written"), "\(outcome.errors)")
    }
  }

  /// A reader that has seen enough ends the program without a word.
  @Test(arguments: ["", "trap '' PIPE;"]) func aReaderMayLeave(before: String) throws {
    for arguments in [["tutorial"], ["train", "digits", "--epochs", "3"], ["--help"]] {
      let outcome = try Program.run(
        arguments, through: ["sh", "-c", "\(before) \"$0\" \"$@\" | head -n 1"])
      #expect(outcome.status == 0)
      #expect(outcome.errors.isEmpty)
      #expect(outcome.output.split(separator: "\n").count == 1)
    }
  }
}
