import Testing
import TributaryParallel

@Suite struct CpuQuotaTests {
  @Test func versionTwo() {
    #expect(CpuQuota.parseMax("150000 100000\n") == 1.5)
    #expect(CpuQuota.parseMax("50000\n") == 0.5)
    for none in ["max 100000\n", "", "\n", "x y", "-1 100000", "100 0", "nan 100", "inf 1"] {
      #expect(CpuQuota.parseMax(none) == nil)
    }
  }

  @Test func versionOne() {
    #expect(CpuQuota.parseCfs(quota: "200000\n", period: "100000\n") == 2)
    #expect(CpuQuota.parseCfs(quota: "-1\n", period: "100000\n") == nil)
    #expect(CpuQuota.parseCfs(quota: "5", period: "0") == nil)
    #expect(CpuQuota.parseCfs(quota: "", period: "") == nil)
  }

  @Test func theTightestLimitHolds() {
    let files = [
      "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
      "/cg/a/b/cpu.max": "max 100000\n", "/cg/a/cpu.max": "250000 100000\n",
    ]
    #expect(CpuQuota.find { files[$0] } == 2.5)
    #expect(CpuQuota.find { _ in nil } == nil)
    let old = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/x\n",
      "/proc/self/mountinfo": "31 23 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
      "/cg/cpu/x/cpu.cfs_quota_us": "50000\n", "/cg/cpu/x/cpu.cfs_period_us": "100000\n",
      "/cg/cpu/cpu.cfs_quota_us": "-1\n", "/cg/cpu/cpu.cfs_period_us": "100000\n",
    ]
    #expect(CpuQuota.find { old[$0] } == 0.5)
  }
}
