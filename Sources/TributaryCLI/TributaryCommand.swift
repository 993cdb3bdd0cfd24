import ArgumentParser

@main
struct TributaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "A tensor and automatic-differentiation engine for multicore CPUs.",
    subcommands: [Bench.self])
}
