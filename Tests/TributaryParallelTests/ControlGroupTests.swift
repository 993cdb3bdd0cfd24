import Testing
import TributaryParallel

@Suite struct ControlGroupTests {
  @Test func membership() {
    let text = "12:cpu,cpuacct:/docker/a:b\n3:memory:/m\n0::/user.slice/x\n"
    #expect(ControlGroup.parseMembership(text, controller: "cpu").unified == "/user.slice/x")
    #expect(ControlGroup.parseMembership(text, controller: "cpu").own == "/docker/a:b")
    #expect(ControlGroup.parseMembership("rubbish", controller: "cpu").unified == nil)
  }

  @Test func mounts() {
    let text = """
      30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
      31 23 0:27 /docker/a /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
      32 23 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
      rubbish
      """
    let mounts = ControlGroup.parseMounts(text, controller: "cpu")
    #expect(mounts.unified == .init(root: "/", point: "/sys/fs/cgroup"))
    #expect(mounts.own == .init(root: "/docker/a", point: "/sys/fs/cgroup/cpu,cpuacct"))
  }

  @Test func directories() {
    let whole = ControlGroup.Mount(root: "/", point: "/cg")
    #expect(whole.directories(of: "/a/b") == ["/cg/a/b", "/cg/a", "/cg"])
    #expect(whole.directories(of: "/") == ["/cg"])
    let part = ControlGroup.Mount(root: "/docker/a", point: "/cg")
    #expect(part.directories(of: "/docker/a/x") == ["/cg/x", "/cg"])
    #expect(part.directories(of: "/elsewhere") == ["/cg"])
  }
}
