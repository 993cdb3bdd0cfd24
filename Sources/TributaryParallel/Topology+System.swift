import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Topology {
  /// The machine as found at first use, by the mask of the process: a thread that asks first may be pinned.
  package static let current = Topology.read(
    file: SystemFile.read, mask: AffinityMask.ofProcess?.cores)

  /// Reads the kernel's files. From `/sys` and not through libnuma, some versions of which report success
  /// and then print errors where containers hide the system.
  ///
  /// - Parameters:
  ///   - file: the text at a path, nil where there is none.
  ///   - mask: the cores on which the process may run; nil: unknown.
  package static func read(file: (_ path: String) -> String?, mask: [Int]?) -> Topology {
    let system = "/sys/devices/system/"
    let online = file(system + "cpu/online").map(parseList) ?? []
    var allowed = mask ?? online
    if allowed.isEmpty { allowed = [0] }
    let quota = CpuQuota.find(file)
    let numbers = file(system + "node/online").map(parseList) ?? []
    let memory = file(system + "node/has_memory").map(parseList).map(Set.init)
    let mayAllocate = file("/proc/self/status").flatMap(parseAllowedNodes).map(Set.init)
    var nodes: [Node] = []
    for number in numbers {
      let cores = file(system + "node/node\(number)/cpulist").map(parseList) ?? []
      let hasMemory =
        (memory?.contains(number) ?? true) && (mayAllocate?.contains(number) ?? true)
      nodes.append(
        Node(id: number, cores: cores.filter(allowed.contains).sorted(), hasMemory: hasMemory))
    }
    // Cores that no node owns, or no nodes at all: one node takes everything.
    if Set(nodes.flatMap(\.cores)) != Set(allowed) {
      nodes = [Node(id: numbers.first ?? 0, cores: allowed.sorted())]
    }
    return Topology(nodes: nodes, quota: quota)
  }

  /// The kernel's list format: "0-3,8,10-11". What cannot be read is left out.
  package static func parseList(_ text: String) -> [Int] {
    var result: [Int] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      switch (ends.first ?? nil, ends.count) {
      case (let first?, 1): result.append(first)
      case (let first?, 2):
        if let last = ends[1], first <= last, last - first < 1 << 20 { result += first...last }
      default: break
      }
    }
    return result
  }

  /// The nodes on which `/proc/self/status` lets the process place memory.
  package static func parseAllowedNodes(_ status: String) -> [Int]? {
    let key = "Mems_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else {
      return nil
    }
    return parseList(String(line.dropFirst(key.count)))
  }
}

extension WorkerTeam {
  /// `TRIBUTARY_NUM_THREADS`; see `parseWidth`.
  static var widthFromEnvironment: Int? {
    getenv("TRIBUTARY_NUM_THREADS").flatMap { parseWidth(String(cString: $0)) }
  }

  /// A whole number from 1 to `largestWidth`, blanks around it allowed. Anything else is ignored, as if
  /// the variable were not set.
  package static func parseWidth(_ text: String) -> Int? {
    guard let width = Int(text.trimmedWords), (1...largestWidth).contains(width) else { return nil }
    return width
  }
}

/// Files of the kernel.
package enum SystemFile {
  /// The text at `path`; nil where there is none, or more than `most` bytes.
  package static func read(_ path: String) -> String? { read(path, most: 4 << 20) }

  package static func read(_ path: String, most: Int) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 { return nil }
    defer { _ = close(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4_096)
    while bytes.count <= most {
      #if canImport(Glibc)
        let got = Glibc.read(file, &block, block.count)
      #elseif canImport(Musl)
        let got = Musl.read(file, &block, block.count)
      #else
        let got = Darwin.read(file, &block, block.count)
      #endif
      if got <= 0 { return got < 0 ? nil : String(decoding: bytes, as: UTF8.self) }
      bytes += block.prefix(got)
    }
    return nil
  }
}
