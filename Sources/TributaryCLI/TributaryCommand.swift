import ArgumentParser

@main
struct TributaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "A tensor and automatic-differentiation engine for multicore CPUs.",
    discussion: """
      Gradients flow down many branches at once and join at the leaves, with the same bits for every \
      number of threads. Begin with

        tributary tutorial           differentiation, step by step
        tributary train digits       a classifier of handwritten digits, in seconds

      `tributary help SUBCOMMAND` explains each of them. The environment variable \
      TRIBUTARY_KERNEL_PATH (portable, avx2, avx512, neon) forces an instruction set; results do not \
      change, and one that the processor lacks is refused. Exit status: 0; 1 with one line on standard \
      error where something is wrong; 64 where the arguments are.
      """,
    subcommands: [
      Tutorial.self, Train.self, Bench.self, TopologyReport.self, Stress.self, TraceCommand.self,
      Scale.self, Calibrate.self,
    ])

  static func main() {
    StandardOutput.endQuietlyWithoutReader()
    do {
      var command = try parseAsRoot()
      if !isHelp(type(of: command)) { try KernelPathChoice.check() }
      try command.run()
      try StandardOutput.finish()
    } catch {
      end(with: error)
    }
  }

  /// Whether the command does nothing but explain itself or its subcommands.
  private static func isHelp(_ command: any ParsableCommand.Type) -> Bool {
    command.configuration.commandName == "help" || !command.configuration.subcommands.isEmpty
  }

  private static func end(with error: any Error) -> Never {
    // Help is printed, and an exit status alone says nothing of the output.
    if exitCode(for: error) == .success || error is ExitCode {
      let text = fullMessage(for: error)
      if !text.isEmpty { print(text) }
      do { try StandardOutput.finish() } catch { exit(withError: error) }
      exit(withError: exitCode(for: error))
    }
    exit(withError: error)
  }
}
