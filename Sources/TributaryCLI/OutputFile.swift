import Foundation
import Glibc
import Tributary
import TributaryData

/// A file that the program is to write. It is claimed before the work whose result it is to hold: one that cannot be
/// written is to be known at once. It is replaced in one step when the result is there; until then, and where the work
/// fails, it holds what it held.
struct OutputFile {
  private enum Way {
    /// A new file in the same folder takes the place of `target`, and has its mode where there was one.
    case replacing(target: String, mode: mode_t?)
    /// Pipes, devices, files that have other names or another owner, which a new one would lack, and files whose folder
    /// takes no new ones.
    case inPlace
    /// What the process has open for its output already: to open it once more would write over what was printed.
    case open(Int32)
  }

  private let path: String
  private let operation: StaticString
  private let way: Way

  /// Whether both names are of one place, whether or not there is a file.
  static func isSame(_ one: String, _ other: String) -> Bool {
    let (one, other) = (URL(fileURLWithPath: one), URL(fileURLWithPath: other))
    return one.standardizedFileURL == other.standardizedFileURL
  }

  /// Claims the file; what is there stays as it is.
  init(_ path: String, for operation: StaticString) throws {
    (self.path, self.operation) = (path, operation)
    way = try Self.way(to: path, operation)
  }

  private static func way(to path: String, _ operation: StaticString) throws -> Way {
    if path.isEmpty { throw problem(path, operation, "has no name") }
    var found = stat()
    guard stat(path, &found) == 0 else {
      let reason = errno
      if reason == ENOENT, lstat(path, &found) == 0 {
        throw problem(path, operation, "is a link to a file that does not exist")
      }
      guard reason == ENOENT else { throw problem(path, operation, cannotBeWritten(reason)) }
      try probe(path, operation)
      return .replacing(target: path, mode: nil)
    }
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var own = stat()
      if fstat(descriptor, &own) == 0, own.st_dev == found.st_dev, own.st_ino == found.st_ino {
        return .open(descriptor)
      }
    }
    let kind = found.st_mode & S_IFMT
    if kind == S_IFDIR { throw problem(path, operation, "cannot be written: it is a folder") }
    guard access(path, W_OK) == 0 else { throw problem(path, operation, cannotBeWritten(errno)) }
    // Behind a link its target is replaced, not the link.
    guard kind == S_IFREG, found.st_nlink == 1, found.st_uid == geteuid(),
      let target = realpath(path, nil)
    else { return .inPlace }
    defer { free(target) }
    let name = String(cString: target)
    guard (try? probe(name, operation)) != nil else { return .inPlace }
    return .replacing(target: name, mode: found.st_mode & 0o7777)
  }

  /// Whether the folder takes a new file. It is gone again at once, so that a program that is killed leaves none.
  private static func probe(_ target: String, _ operation: StaticString) throws {
    let (name, file) = try beside(target, operation)
    close(file)
    unlink(name)
  }

  /// A new, empty file in the folder of `target`.
  private static func beside(
    _ target: String, _ operation: StaticString
  ) throws -> (name: String, descriptor: Int32) {
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
    while true {
      let name = folder + ".tributary-" + String(UInt32.random(in: 0 ... .max), radix: 16)
      let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if file >= 0 { return (name, file) }
      if errno != EEXIST { throw problem(target, operation, cannotBeWritten(errno)) }
    }
  }

  // MARK: Writing

  func write(_ data: Data) throws {
    switch way {
    case .open(let descriptor):
      // What was printed comes first.
      fflush(nil)
      try put(data, into: descriptor)
    case .inPlace: try writeInPlace(data)
    case .replacing(let target, let mode):
      let (name, file) = try Self.beside(target, operation)
      var isReplaced = false
      defer { if !isReplaced { unlink(name) } }
      try fill(file, data, mode: mode)
      isReplaced = rename(name, target) == 0
      // A file may be mounted, or its folder keep its files for their owners.
      if !isReplaced { try writeInPlace(data) }
    }
  }

  private func writeInPlace(_ data: Data) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw Self.problem(path, operation, Self.cannotBeWritten(errno)) }
    try fill(file, data, mode: nil)
  }

  /// Writes and closes `file`, which has the mode before it has the data.
  private func fill(_ file: Int32, _ data: Data, mode: mode_t?) throws {
    var isOpen = true
    defer { if isOpen { close(file) } }
    if let mode, fchmod(file, mode) != 0 {
      throw Self.problem(path, operation, Self.cannotBeWritten(errno))
    }
    try put(data, into: file)
    isOpen = false
    // What could not be written until now, as over a network.
    if close(file) != 0 { throw Self.problem(path, operation, Self.cannotBeWritten(errno)) }
  }

  private func put(_ data: Data, into file: Int32) throws {
    try data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        // SAFETY: `rest` lies in the data's bytes, which stay for the closure's time.
        let written = Glibc.write(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          throw Self.problem(path, operation, Self.cannotBeWritten(errno))
        }
        rest = rest.dropFirst(written)
      }
    }
  }

  // MARK: Words

  private static func cannotBeWritten(_ reason: Int32) -> String {
    "cannot be written: " + String(cString: strerror(reason))
  }

  static func problem(_ path: String, _ operation: StaticString, _ text: String) -> TensorError {
    TensorError(.invalidArgument, operation, "the file '\(FileName.shown(path))' \(text)")
  }

  /// JSON for people to read, the same for the same value.
  static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    // Of a recorded pass that took no time no speed-up can be told; the other figures can.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }
}

extension Collection<Double> {
  /// The middle one by size, of an even number the upper; there must be one.
  var median: Double { sorted()[count / 2] }
}
