import Testing
import TributaryMemory

@Suite struct MemoryQuotaTests {
  @Test func numbers() {
    #expect(MemoryQuota.parse("4294967296\n") == 4 << 30)
    for none in ["max\n", "", "\n", "-1", "0", "x", "1.5", "99999999999999999999"] {
      #expect(MemoryQuota.parse(none) == nil)
    }
  }

  @Test func theTightestOfTheGroupsAndTheMachineHolds() {
    let machine = 256 << 30
    var files = [
      "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
      "/cg/a/b/memory.max": "max\n", "/cg/a/memory.max": "\(4 << 30)\n",
    ]
    #expect(MemoryQuota.bytes(machine: machine) { files[$0] } == 4 << 30)
    files["/cg/a/b/memory.max"] = "\(1 << 30)\n"
    #expect(MemoryQuota.bytes(machine: machine) { files[$0] } == 1 << 30)
    #expect(MemoryQuota.bytes(machine: 1 << 20) { files[$0] } == 1 << 20)
    #expect(MemoryQuota.bytes(machine: machine) { _ in nil } == machine)
  }

  @Test func versionOne() {
    let files = [
      "/proc/self/cgroup": "4:memory:/x\n3:cpu:/y\n0::/\n",
      "/proc/self/mountinfo": "31 23 0:27 / /cg/memory rw - cgroup cgroup rw,memory\n",
      "/cg/memory/x/memory.limit_in_bytes": "\(2 << 30)\n",
      "/cg/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    #expect(MemoryQuota.bytes(machine: 8 << 30) { files[$0] } == 2 << 30)
  }

  @Test func thisMachine() {
    #expect(MemoryQuota.current > 0)
    #expect(BufferPool.machineBytes == MemoryQuota.current)
  }
}
