import Glibc
import Tributary

/// A whole file in memory.
enum FileContents {
  /// Far beyond the tables that are meant; stops a read from an endless device before memory runs short.
  private static let largest = 1 << 28

  /// The file's bytes; also of a pipe.
  ///
  /// - Throws: a `TensorError` that names the file and what the system said.
  static func read(_ path: String, _ operation: String) throws(TensorError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw unreadable(path, errno, operation) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
      if bytes.count > largest {
        throw TensorError(
          .malformedData, operation: operation,
          "\(FileName.shown(path)): larger than the \(largest >> 20) MiB that are read at most")
      }
    }
    if ferror(file) != 0 { throw unreadable(path, errno, operation) }
    return bytes
  }

  private static func unreadable(_ path: String, _ code: Int32, _ operation: String) -> TensorError
  {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return TensorError(
      .malformedData, operation: operation, "\(FileName.shown(path)): cannot be read: \(reason)")
  }
}
