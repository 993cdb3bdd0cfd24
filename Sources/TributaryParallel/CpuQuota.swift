/// The CPU time that control groups grant the process, in cores. Pure functions on the text of the
/// kernel's files, so that every layout can be tested.
package enum CpuQuota {
  /// `cpu.max` of version 2: "150000 100000" is 1.5; "max 100000", or anything unreadable, nil.
  package static func parseMax(_ text: String) -> Double? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let first = words.first, let quota = Double(first), quota > 0, quota.isFinite else {
      return nil
    }
    let period = words.count > 1 ? Double(words[1]) : 100_000
    guard let period, period > 0, period.isFinite else { return nil }
    return quota / period
  }

  /// `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1; a quota of -1 means none.
  package static func parseCfs(quota: String, period: String) -> Double? {
    guard let quota = Int(quota.trimmedWords), let period = Int(period.trimmedWords), quota > 0,
      period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }

  /// Where the process stands: of `/proc/self/cgroup`, the path of version 2 and that of version 1's cpu
  /// controller.
  package static func parseMembership(_ text: String) -> (unified: String?, cpu: String?) {
    var unified: String?
    var cpu: String?
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[0] == "0", fields[1].isEmpty {
        unified = String(fields[2])
      } else if fields[1].split(separator: ",").contains("cpu") {
        cpu = String(fields[2])
      }
    }
    return (unified, cpu)
  }

  /// A mounted hierarchy: the group that is mounted, and where.
  package struct Mount: Equatable {
    package let root: String
    package let point: String

    package init(root: String, point: String) {
      self.root = root
      self.point = point
    }

    /// Directories of the group at `path` and of those above it that the mount shows, innermost first.
    package func directories(of path: String) -> [String] {
      var inside = path.split(separator: "/")
      let top = root.split(separator: "/")
      // In a container the mount may show the process's own group as its root.
      if inside.starts(with: top) { inside.removeFirst(top.count) } else { inside = [] }
      return (0...inside.count).reversed().map { length in
        ([point == "/" ? "" : point] + inside.prefix(length).map(String.init)).joined(
          separator: "/")
      }
    }
  }

  /// Of `/proc/self/mountinfo`, the mounts of version 2 and of version 1's cpu controller.
  package static func parseMounts(_ text: String) -> (unified: Mount?, cpu: Mount?) {
    var unified: Mount?
    var cpu: Mount?
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
        continue
      }
      let mount = Mount(root: String(fields[3]), point: String(fields[4]))
      if fields[dash + 1] == "cgroup2" {
        unified = unified ?? mount
      } else if fields[dash + 1] == "cgroup",
        fields[dash + 3].split(separator: ",").contains("cpu")
      {
        cpu = cpu ?? mount
      }
    }
    return (unified, cpu)
  }

  /// The tightest limit of the process's group and those above it; nil: none.
  package static func find(_ read: (_ path: String) -> String?) -> Double? {
    guard let membership = read("/proc/self/cgroup").map(parseMembership),
      let mounts = read("/proc/self/mountinfo").map(parseMounts)
    else { return nil }
    var limits: [Double] = []
    if let path = membership.unified, let mount = mounts.unified {
      limits += mount.directories(of: path).compactMap { read($0 + "/cpu.max").flatMap(parseMax) }
    }
    if let path = membership.cpu, let mount = mounts.cpu {
      limits += mount.directories(of: path).compactMap { directory in
        guard let quota = read(directory + "/cpu.cfs_quota_us"),
          let period = read(directory + "/cpu.cfs_period_us")
        else { return nil }
        return parseCfs(quota: quota, period: period)
      }
    }
    return limits.min()
  }
}

extension String {
  var trimmedWords: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
