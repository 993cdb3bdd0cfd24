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

  /// The tightest limit of the process's group and those above it; nil: none.
  package static func find(_ read: (_ path: String) -> String?) -> Double? {
    let (unified, own) = ControlGroup.directories(controller: "cpu", read)
    var limits = unified.compactMap { read($0 + "/cpu.max").flatMap(parseMax) }
    limits += own.compactMap { directory in
      guard let quota = read(directory + "/cpu.cfs_quota_us"),
        let period = read(directory + "/cpu.cfs_period_us")
      else { return nil }
      return parseCfs(quota: quota, period: period)
    }
    return limits.min()
  }
}

extension String {
  var trimmedWords: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
