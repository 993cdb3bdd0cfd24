import Glibc
import TributaryParallel

/// The memory that the process may use: the machine's, or what its control groups grant of it.
package enum MemoryQuota {
  /// In bytes, as found at first use.
  package static let current = bytes(
    machine: max(sysconf(Int32(_SC_PHYS_PAGES)), 1) * max(sysconf(Int32(_SC_PAGESIZE)), 4096),
    SystemFile.read)

  /// - Parameters:
  ///   - machine: bytes of the machine's memory.
  ///   - read: the text at a path, nil where there is none.
  package static func bytes(machine: Int, _ read: (_ path: String) -> String?) -> Int {
    let (unified, own) = ControlGroup.directories(controller: "memory", read)
    let files = unified.map { $0 + "/memory.max" } + own.map { $0 + "/memory.limit_in_bytes" }
    return files.compactMap { read($0).flatMap(parse) }.reduce(machine, min)
  }

  /// "max", or anything that is no number above zero: no limit. (Version 1 writes a huge number for none.)
  package static func parse(_ text: String) -> Int? {
    guard let word = text.split(whereSeparator: \.isWhitespace).first, let bytes = Int(word),
      bytes > 0
    else { return nil }
    return bytes
  }
}
