import Foundation
import Tributary

/// Files that the program reads and writes.
enum OutputFile {
  /// Makes the file, before the work whose result it is to hold: one that cannot be written is to be known at once.
  static func claim(_ path: String, for operation: StaticString) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw problem(path, operation, "cannot be written")
    }
  }

  static func problem(_ path: String, _ operation: StaticString, _ text: String) -> TensorError {
    TensorError(.invalidArgument, operation, "the file '\(path)' \(text)")
  }

  /// JSON for people to read, the same for the same value.
  static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(value)
  }
}

extension Collection<Double> {
  /// The middle one by size, of an even number the upper; there must be one.
  var median: Double { sorted()[count / 2] }
}
