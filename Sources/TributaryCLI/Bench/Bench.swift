import ArgumentParser
import Foundation
import Tributary
import TributaryMemory
import TributaryWorkloads

/// `tributary bench`: the workloads that the comparison with PyTorch runs.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the benchmark workloads, or checks what they compute.",
    discussion: """
      Each workload takes two warm steps and nine timed ones (or --steps); a step clears the gradients, goes forward and \
      backward, and takes the optimizer's step where there is one. Prints NAME MEDIAN ms, a line each:

        tributary bench                      all of them, with every core
        tributary bench chain --threads 1    one of them, on one thread
        tributary bench towers --check       loss and sum of |gradient| of the third step from fixed inputs
        tributary bench towers --memory      the most bytes of living tensors within a warm step

      --scaling times each workload with several numbers of threads, in turn: the same work, and work that grows \
      with the threads. It prints tables of times, speed-up, efficiency, rate, and the share of the threads' time \
      that was idle.

        tributary bench --scaling 1,2,4,8 towers mlp
        tributary bench --scaling 1,2,4 --batch 1x,4x,16x --json s.json --plot s.svg towers

      Workloads:
      \(Workload.catalogue.map { "  \($0.name): \($0.about)" }.joined(separator: "\n"))
      """)

  @Argument(help: "Workloads to run; none: all.")
  var names: [String] = []

  @OptionGroup var threading: ThreadOptions

  @Option(
    parsing: .unconditional,
    help: "How many networks towers or wide_towers is to have; default: 64 and 16.")
  var branches: Int?

  @Flag(help: "Print NAME check LOSS GRAD instead of times.")
  var check = false

  @Flag(
    help: """
      Print NAME memory PEAK BEFORE ALL instead of times: the most bytes of tensors that lived at once within the \
      third step, those that lived when it began, and the most with the working memory of kernels and passes.
      """)
  var memory = false

  @Option(
    parsing: .unconditional, help: "Numbers of threads to compare, with commas: 1,2,4.")
  var scaling: String?

  @Option(
    parsing: .unconditional,
    help: "How many timed steps; the median counts. (default: \(Bench.usualSteps))")
  var steps: Int?

  private static let usualSteps = 9

  @Option(
    parsing: .unconditional,
    help: "With --scaling: how many times the workload's batch, with commas: 1x,4x. (default: 1x)")
  var batch: String?

  @Option(help: "With --scaling: write the figures to this file.", completion: .file())
  var json: String?

  @Option(help: "With --scaling: draw the speed-ups into this SVG file.", completion: .file())
  var plot: String?

  /// Whole numbers of at least 1, ascending, each once.
  static func numbers(_ text: String, _ option: String, most: Int) throws -> [Int] {
    let found = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let digits = part.hasSuffix("x") && option == "--batch" ? part.dropLast() : part
      guard let number = Int(digits), (1...most).contains(number) else {
        throw ValidationError("\(option) takes numbers of 1 to \(most), with commas: 1,2,4")
      }
      return number
    }
    return Set(found).sorted()
  }

  func validate() throws {
    if let scaling { _ = try ThreadOptions.widths(scaling, "--scaling") }
    _ = try batches()
    if let steps, !(1...1_000_000).contains(steps) {
      throw ValidationError("--steps takes a number of 1 to 1000000")
    }
    if scaling == nil, json != nil || plot != nil || batch != nil {
      throw ValidationError("--batch, --json and --plot belong to --scaling")
    }
    try Self.check(branches: branches, of: names)
    if branches != nil, scaling != nil {
      throw ValidationError("--branches and --scaling exclude each other")
    }
    if scaling != nil, check { throw ValidationError("--check and --scaling exclude each other") }
    if scaling != nil, threading.threads != nil {
      throw ValidationError("--scaling names the numbers of threads; leave out --threads")
    }
    if check, steps != nil { throw ValidationError("--check takes three steps; leave out --steps") }
    if memory, check || scaling != nil || steps != nil {
      throw ValidationError("--memory takes three steps, without --check, --scaling and --steps")
    }
    if let json, let plot, OutputFile.isSame(json, plot) {
      throw ValidationError("--json and --plot name the same file")
    }
    try Self.check(names: names)
  }

  /// Workloads that were asked for, as every subcommand checks them.
  static func check(names: [String]) throws {
    let known = Workload.catalogue.map(\.name)
    for name in names where !known.contains(name) {
      throw ValidationError(
        "no workload is called '\(name)'; there are \(known.joined(separator: ", "))")
    }
  }

  static func check(branches: Int?, of names: [String]) throws {
    guard let branches else { return }
    let possible = Workload.branched
    guard (1...4_096).contains(branches), !names.isEmpty, names.allSatisfy(possible.contains) else {
      throw ValidationError(
        "--branches takes a number of 1 to 4096, for \(possible.joined(separator: " and ")) alone")
    }
  }

  private func batches() throws -> [Int] {
    try Self.numbers(batch ?? "1x", "--batch", most: 1_024)
  }

  private var chosen: [(name: String, about: String, make: @Sendable (Int) throws -> Workload)] {
    Workload.catalogue.filter { names.isEmpty || names.contains($0.name) }
  }

  func run() throws {
    if let scaling { return try runScaling(ThreadOptions.widths(scaling, "--scaling")) }
    try threading.with {
      for entry in chosen {
        guard let workload = try Workload.named(entry.name, branches: branches) else { continue }
        print(
          try check
            ? Self.checkLine(workload)
            : memory ? Self.memoryLine(workload) : timeLine(workload))
        fflush(nil)
      }
    }
  }

  private func runScaling(_ widths: [Int]) throws {
    let jsonFile = try json.map { try OutputFile($0, for: "bench") }
    let plotFile = try plot.map { try OutputFile($0, for: "bench") }
    let batches = try batches()
    var rows: [Scaling.Row] = []
    for entry in chosen {
      let found = try Scaling(widths: widths, batches: batches, steps: steps ?? Self.usualSteps)
        .run(entry)
      print(ScalingReport(rows: found, widths: widths, batches: batches).text)
      fflush(nil)
      rows += found
    }
    let report = ScalingReport(rows: rows, widths: widths, batches: batches)
    try jsonFile?.write(report.json())
    try plotFile?.write(Data(report.plot().utf8))
  }

  private func timeLine(_ workload: Workload) throws -> String {
    for _ in 0..<2 { try workload.step() }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<(steps ?? Self.usualSteps) {
      let took = try clock.measure { try workload.step() }
      times.append(took / .milliseconds(1))
    }
    return "\(workload.name) \(String(format: "%.3f", times.median)) ms"
  }

  private static func checkLine(_ workload: Workload) throws -> String {
    try workload.fill()
    for _ in 0..<2 { try workload.step() }
    let loss = try workload.step().to(.float64).sum().item()
    return try "\(workload.name) check "
      + String(format: "%.9g %.9g", loss, workload.gradientSum())
  }

  private static func memoryLine(_ workload: Workload) throws -> String {
    BufferPool.countExactly(true)
    defer { BufferPool.countExactly(false) }
    for _ in 0..<2 { try workload.step() }
    Memory.resetPeak()
    let before = Memory.statistics.liveBytes
    try workload.step()
    let found = Memory.statistics
    return "\(workload.name) memory \(found.peakTensorBytes) \(before) \(found.peakLiveBytes)"
  }
}
