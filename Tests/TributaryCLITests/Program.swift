import Foundation

/// The built program, run as a user runs it.
struct Program {
  /// Beside the tests' own program; nil where it was not built with them, and then each test fails.
  private static var path: String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    else { return nil }
    let path = URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("tributary").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// Refused with exit status 1 and one line that holds `words`.
    func isRefusal(_ words: String) -> Bool {
      status == 1 && errors.contains(words) && errors.hasSuffix("\n")
        && errors.filter(\.isNewline).count == 1
    }

    var lastLines: [String] { output.split(separator: "\n").suffix(2).map(String.init) }
  }

  /// A folder for the time of `body`.
  static func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "tributary-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// - Parameter prefix: a command, and its arguments, that runs the program.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], through prefix: [String] = []
  ) throws -> Outcome {
    guard let path else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: prefix.isEmpty ? path : "/usr/bin/env")
    process.arguments = prefix.isEmpty ? arguments : prefix + [path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Errors are one line, which fits into the pipe while the output is read.
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    let errorText = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: errorText, as: UTF8.self))
  }
}
