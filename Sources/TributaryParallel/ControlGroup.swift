/// The control groups of the process: where the kernel's files of their limits lie. Pure functions on the text of
/// the kernel's files, so that every layout can be tested.
package enum ControlGroup {
  /// Where the process stands: of `/proc/self/cgroup`, the path of version 2 and that of version 1's hierarchy
  /// with `controller`.
  package static func parseMembership(
    _ text: String, controller: String
  ) -> (unified: String?, own: String?) {
    var unified: String?
    var own: String?
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[0] == "0", fields[1].isEmpty {
        unified = String(fields[2])
      } else if fields[1].split(separator: ",").contains(Substring(controller)) {
        own = String(fields[2])
      }
    }
    return (unified, own)
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

  /// Of `/proc/self/mountinfo`, the mounts of version 2 and of version 1's hierarchy with `controller`.
  package static func parseMounts(
    _ text: String, controller: String
  ) -> (unified: Mount?, own: Mount?) {
    var unified: Mount?
    var own: Mount?
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
        continue
      }
      let mount = Mount(root: String(fields[3]), point: String(fields[4]))
      if fields[dash + 1] == "cgroup2" {
        unified = unified ?? mount
      } else if fields[dash + 1] == "cgroup",
        fields[dash + 3].split(separator: ",").contains(Substring(controller))
      {
        own = own ?? mount
      }
    }
    return (unified, own)
  }

  /// The directories of the process's groups and of those above them, innermost first: of version 2, and of version
  /// 1's hierarchy with `controller`.
  package static func directories(
    controller: String, _ read: (_ path: String) -> String?
  ) -> (unified: [String], own: [String]) {
    guard let groups = read("/proc/self/cgroup"), let mounted = read("/proc/self/mountinfo") else {
      return ([], [])
    }
    let membership = parseMembership(groups, controller: controller)
    let mounts = parseMounts(mounted, controller: controller)
    func all(_ mount: Mount?, _ path: String?) -> [String] {
      guard let mount, let path else { return [] }
      return mount.directories(of: path)
    }
    return (all(mounts.unified, membership.unified), all(mounts.own, membership.own))
  }
}
