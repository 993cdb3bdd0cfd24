import Foundation
import Tributary
import TributaryParallel

/// The passes in a file that `tributary trace` wrote.
enum PassFile {
  /// What the file holds besides the format's own keys.
  struct Passes: Codable {
    let passes: [RecordedPass]
  }

  private struct File: Decodable {
    let tributary: Passes
  }

  /// The passes of the file at `path`, of which there is at least one.
  static func read(_ path: String) throws -> [RecordedPass] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw OutputFile.problem(path, "scale", "cannot be read")
    }
    guard let file = try? JSONDecoder().decode(File.self, from: data) else {
      throw OutputFile.problem(
        path, "scale", "is not a trace with passes; `tributary trace` writes one")
    }
    let passes = file.tributary.passes
    if passes.isEmpty {
      throw OutputFile.problem(path, "scale", "has no backward pass that succeeded")
    }
    for (index, pass) in passes.enumerated() {
      if let flaw = pass.flaw {
        throw OutputFile.problem(path, "scale", "cannot be replayed: of pass \(index + 1), \(flaw)")
      }
    }
    return passes
  }
}
