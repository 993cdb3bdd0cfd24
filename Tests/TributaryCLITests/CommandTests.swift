import Foundation
import Testing

@Suite struct CommandTests {
  @Test(arguments: [
    ["--help"], ["tutorial", "--help"], ["train", "--help"], ["train", "digits", "--help"],
    ["topology", "--help"], ["bench", "--help"], ["stress", "--help"], ["trace", "--help"],
    ["scale", "--help"], ["calibrate", "--help"],
  ])
  func helpTeaches(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("OVERVIEW:"))
    #expect(outcome.output.contains("  tributary "))
    #expect(outcome.errors.isEmpty)
  }

  @Test(arguments: [
    ["nonsense"], ["train", "letters"], ["train", "digits", "--epochs", "0"],
    ["train", "digits", "--epochs", "many"], ["train", "digits", "--batch", "-1"],
    ["train", "digits", "--threads", "0"], ["tutorial", "--threads", "-3"],
    ["train", "digits", "--seed", "-1"], ["topology", "--wrong"],
    ["tutorial", "--threads", "4097"], ["stress", "--threads", "4097"],
  ])
  func badArgumentsAreRefused(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    if arguments.contains("4097") { #expect(outcome.errors.contains("1 to 4096")) }
  }

  /// A negative number is a wrong value, not a missing one.
  @Test(arguments: [
    (["train", "digits", "--epochs", "-1"], "--epochs takes a number of at least 1"),
    (["train", "digits", "--seed", "-1"], "--seed takes a whole number of 0 to"),
    (["train", "digits", "--threads", "-1"], "--threads takes a number of 1 to 4096"),
    (["stress", "--seed", "-1"], "--seed takes a whole number of 0 to"),
    (["stress", "--graphs", "-1"], "--graphs takes a number of at least 1"),
    (["stress", "--threads", "-1,2"], "--threads takes numbers of 1 to 4096"),
    (["bench", "--steps", "-1"], "--steps takes a number of 1 to"),
    (["scale", "--nodes", "-1"], "--nodes takes 1 to 64"),
  ])
  func negativeNumbersAreNamed(arguments: [String], words: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test(arguments: [["--help"], ["help", "train"], ["bench", "--help"], []])
  func helpComesWithAnyKernelPath(arguments: [String]) throws {
    let outcome = try Program.run(arguments, environment: ["TRIBUTARY_KERNEL_PATH": "foo"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("OVERVIEW:"))
  }

  /// A command that only has others shows them.
  @Test func trainAloneShowsItsHelp() throws {
    let outcome = try Program.run(["train"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("digits"))
    #expect(outcome.errors.isEmpty)
  }

  /// The numbers that PyTorch 2.15 prints for the same graph, `torch.eye(5)`.
  @Test(arguments: ["1", "2", "3"]) func tutorialPrintsTheThreeGradients(threads: String) throws {
    let outcome = try Program.run(["tutorial", "--threads", threads])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let first = [
      "→ tensor([[4., 2., 2., 2., 2.],", "[2., 4., 2., 2., 2.],", "[2., 2., 4., 2., 2.],",
      "[2., 2., 2., 4., 2.],", "[2., 2., 2., 2., 4.]])",
    ]
    let second = [
      "→ tensor([[8., 4., 4., 4., 4.],", "[4., 8., 4., 4., 4.],", "[4., 4., 8., 4., 4.],",
      "[4., 4., 4., 8., 4.],", "[4., 4., 4., 4., 8.]])",
    ]
    #expect(lines.ranges(of: first).count == 2)
    #expect(lines.ranges(of: second).count == 1)
    #expect(lines.contains("→ <AddBackward0>"))
    #expect(lines.contains("→ <BinaryCrossEntropyWithLogitsBackward0>"))
  }

  @Test func topologyVerifies() throws {
    let outcome = try Program.run(["topology", "--verify", "--threads", "1"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("kernel path"))
    #expect(outcome.output.contains("64 MiB in 32 tiles"))
    #expect(outcome.lastLines.first == "again, in the same memory, from the pool:")
  }

  @Test func benchTellsTheMemoryOfAStep() throws {
    let outcome = try Program.run(["bench", "tutorial", "chain", "--memory", "--threads", "1"])
    #expect(outcome.status == 0)
    let lines = outcome.lastLines.suffix(2).map { $0.split(separator: " ") }
    #expect(
      lines.map { $0.prefix(2).joined(separator: " ") } == ["tutorial memory", "chain memory"])
    for line in lines {
      let bytes = line.dropFirst(2).compactMap { Int($0) }
      try #require(bytes.count == 3)
      #expect(0 < bytes[1] && bytes[1] <= bytes[0] && bytes[0] <= bytes[2])
    }
    // Tensors of ten elements, a few at a time; the arrays of a pass over 100,000 nodes are megabytes.
    let (tensors, all) = (try #require(Int(lines[1][2])), try #require(Int(lines[1][4])))
    #expect(tensors < 300_000 && all > 2_000_000)
    for wrong in [["--check"], ["--steps", "3"], ["--scaling", "1,2"]] {
      #expect(try Program.run(["bench", "tutorial", "--memory"] + wrong).status == 64)
    }
  }

  @Test func stressHasOneDigestForAllThreads() throws {
    func digest(_ threads: String, _ seed: String) throws -> String? {
      let outcome = try Program.run(
        ["stress", "--graphs", "40", "--threads", threads, "--seed", seed])
      #expect(outcome.status == 0)
      return outcome.lastLines.first { $0.hasPrefix("digest ") }
    }
    let one = try digest("1", "5")
    #expect(one != nil)
    #expect(try digest("2,3", "5") == one)
    #expect(try digest("1", "6") != one)
  }

  @Test func stressFindsNothing() throws {
    let outcome = try Program.run(["stress", "--graphs", "200", "--threads", "1,2,3"])
    #expect(outcome.status == 0)
    #expect(outcome.lastLines.last == "200 graphs, 600 runs, 0 mismatches")
    let attendance = outcome.output.matches(
      of: /(\d) threads?: all inside at once in (\d+) of (\d+) passes, at most (\d)\n/)
    #expect(attendance.map { $0.1 } == ["1", "2", "3"])
    for line in attendance {
      #expect(line.1 == line.4)
      // Of a machine that others use too.
      let (full, all) = (try #require(Int(line.2)), try #require(Int(line.3)))
      #expect(full * 10 >= all * 9 && all > 200)
    }
    #expect(try Program.run(["stress", "--threads", "1,x"]).status == 64)
  }
}
