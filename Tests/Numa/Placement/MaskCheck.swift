import Glibc
import TestTools
import TributaryMemory
import TributaryParallel

/// When the team has gone, every thread of the process has the mask that the process was given.
enum MaskCheck {
  static func run(_: String) throws -> String {
    guard let whole = AffinityMask.ofProcess else { throw Failure("no mask of the process") }
    let team = WorkerTeam(width: max(4, Topology.current.coreCount))
    for _ in 0..<20 {
      _ = concurrentRun(count: 40, on: team) { _ in spin(microseconds: 100) }
      // Under a refusal of mbind this moves the thread about.
      _ = try TiledBuffer.allocate(byteCount: 8 << 20, placement: .spread)
      BufferPool.trim()
    }
    let patience = nanosecondsNow() + 20_000_000_000
    while team.workersPresent > 0, nanosecondsNow() < patience { usleep(1_000) }
    try require(team.workersPresent == 0, "\(team.workersPresent) workers have not left")
    // A mask may name processors that are not there; the process's own is told without them.
    let online = Set(
      text(of: "/sys/devices/system/cpu/online").map(Topology.parseList) ?? whole.cores)
    let masks = threadMasks().map { ($0.0, $0.1.filter(online.contains)) }
    try require(!masks.isEmpty, "no threads in /proc/self/task")
    for (thread, cores) in masks {
      try require(
        cores == whole.cores, "thread \(thread) may run on \(cores), the process on \(whole.cores)")
    }
    return "\(masks.count) threads, each with the mask of the process"
  }

  private static func threadMasks() -> [(String, [Int])] {
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var found: [(String, [Int])] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      // A thread may have ended since.
      guard let id = pid_t(name), let cores = mask(of: id) else { continue }
      found.append((name, cores))
    }
    return found
  }

  private static func mask(of thread: pid_t) -> [Int]? {
    let key = "Cpus_allowed_list:"
    let line = text(of: "/proc/self/task/\(thread)/status")?.split(separator: "\n")
      .first { $0.hasPrefix(key) }
    return line.map { Topology.parseList(String($0.dropFirst(key.count))) }
  }
}
