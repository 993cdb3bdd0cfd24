import Testing
import TributaryParallel

@Suite struct TopologyTests {
  @Test func lists() {
    #expect(Topology.parseList("0-3,8,10-11\n") == [0, 1, 2, 3, 8, 10, 11])
    #expect(Topology.parseList("") == [])
    #expect(Topology.parseList("x,5,3-1,-,2-2") == [5, 2])
  }

  @Test func allowedNodes() {
    #expect(Topology.parseAllowedNodes("Name:\tx\nMems_allowed_list:\t0,2\n") == [0, 2])
    #expect(Topology.parseAllowedNodes("Name:\tx\n") == nil)
  }

  @Test func sparseNodesAndMemoryWithoutCores() {
    let files = [
      "/sys/devices/system/cpu/online": "0-7\n",
      "/sys/devices/system/node/online": "0,4,9\n",
      "/sys/devices/system/node/has_memory": "0,4,9\n",
      "/sys/devices/system/node/node0/cpulist": "0-3\n",
      "/sys/devices/system/node/node4/cpulist": "4-7\n",
      "/sys/devices/system/node/node9/cpulist": "\n",
    ]
    let topology = Topology.read(file: { files[$0] }, mask: [1, 2, 6])
    #expect(topology.nodes == [Topology.Node(id: 0, cores: [1, 2]), .init(id: 4, cores: [6])])
    #expect(topology.memoryOnlyNodes == [9])
    #expect(topology.coreCount == 3)
    #expect(topology.defaultWidth == 3)
  }

  @Test func nodesOutsideTheMaskAndForbiddenMemory() {
    let files = [
      "/sys/devices/system/node/online": "0-1\n",
      "/sys/devices/system/node/node0/cpulist": "0-1\n",
      "/sys/devices/system/node/node1/cpulist": "2-3\n",
      "/proc/self/status": "Mems_allowed_list:\t1\n",
    ]
    let topology = Topology.read(file: { files[$0] }, mask: [0, 1])
    #expect(topology.nodes == [Topology.Node(id: 0, cores: [0, 1], hasMemory: false)])
    #expect(topology.memoryOnlyNodes == [1])
  }

  @Test func noSystemFiles() {
    let topology = Topology.read(file: { _ in nil }, mask: nil)
    #expect(topology.nodes == [Topology.Node(id: 0, cores: [0])])
    #expect(topology.defaultWidth == 1)
    #expect(Topology.read(file: { _ in nil }, mask: [5, 3]).nodes.map(\.cores) == [[3, 5]])
  }

  @Test func theMachine() throws {
    let topology = Topology.current
    let mask = try #require(AffinityMask.ofProcess)
    #expect(topology.nodes.flatMap(\.cores).sorted() == mask.cores)
    #expect(topology.defaultWidth <= mask.cores.count)
  }

  @Test func quotaSetsTheWidth() {
    func width(_ quota: Double?) -> Int {
      Topology(nodes: [.init(id: 0, cores: Array(0..<8))], quota: quota).defaultWidth
    }
    #expect(width(nil) == 8)
    #expect(width(100) == 8)
    #expect(width(2.5) == 3)
    #expect(width(0.1) == 1)
  }

  /// From the kernel's files to the width, for both versions of control groups; the tighter of mask and quota holds.
  @Test func widthOfAControlledMachine() {
    let machine = [
      "/sys/devices/system/cpu/online": "0-7\n", "/sys/devices/system/node/online": "0\n",
      "/sys/devices/system/node/node0/cpulist": "0-7\n",
    ]
    let second = [
      "/proc/self/cgroup": "0::/job\n",
      "/proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
      "/cg/job/cpu.max": "250000 100000\n",
    ]
    let first = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/job\n",
      "/proc/self/mountinfo": "31 23 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
      "/cg/cpu/job/cpu.cfs_quota_us": "250000\n", "/cg/cpu/job/cpu.cfs_period_us": "100000\n",
    ]
    for group in [second, first] {
      func width(mask: [Int]?) -> Int {
        Topology.read(file: { group[$0] ?? machine[$0] }, mask: mask).defaultWidth
      }
      #expect(width(mask: nil) == 3)
      #expect(width(mask: [0, 1, 2, 3, 4, 5, 6, 7]) == 3)
      #expect(width(mask: [2, 6]) == 2)
      #expect(width(mask: [5]) == 1)
    }
    #expect(Topology.read(file: { machine[$0] }, mask: nil).defaultWidth == 8)
  }

  /// Tile t lies on node ⌊t · nodes / tiles⌋, whatever the numbers.
  @Test func tilesOfNodes() {
    for nodes in 1...5 {
      let topology = Topology(nodes: (0..<nodes).map { .init(id: $0, cores: [$0]) })
      for tiles in 0...40 {
        var next = 0
        for node in 0..<nodes {
          let range = topology.tiles(ofNode: node, of: tiles)
          #expect(range.lowerBound == next)
          #expect(range.allSatisfy { $0 * nodes / tiles == node })
          next = range.upperBound
        }
        #expect(next == tiles)
      }
    }
  }

  @Test func workersAreSpreadByCores() {
    let topology = Topology(nodes: [.init(id: 0, cores: [0, 1, 2]), .init(id: 1, cores: [3])])
    #expect(topology.spread(4) == [0, 0, 0, 1])
    #expect(topology.spread(8) == [0, 0, 0, 0, 0, 0, 1, 1])
    #expect(topology.spread(1) == [0])
    #expect(topology.nodeIndexOfCore == [0, 0, 0, 1])
  }

  @Test func widthOfTheEnvironment() {
    #expect(WorkerTeam.parseWidth("4") == 4)
    #expect(WorkerTeam.parseWidth(" 12 ") == 12)
    for bad in ["", "0", "-1", "x", "4x", "1.5", "999999999", "99999999999999999999"] {
      #expect(WorkerTeam.parseWidth(bad) == nil)
    }
    #expect(WorkerTeam(width: -3).width == 1)
    #expect(WorkerTeam(width: 7).width == 7)
  }

  @Test func masks() {
    #expect(AffinityMask(cores: [0, 3, 70]).words == [9, 64])
    #expect(AffinityMask(words: [9, 64]).cores == [0, 3, 70])
    #expect(AffinityMask(cores: []).cores == [])
  }

  /// Spinning spends a quota only where it binds.
  @Test func onlyAQuotaBelowTheCoresShortensTheSpin() {
    func spin(_ quota: Double?) -> UInt64 {
      WorkerTeam(topology: Topology(nodes: [.init(id: 0, cores: [0, 1])], quota: quota))
        .spinNanoseconds
    }
    #expect(spin(2) == spin(nil))
    #expect(spin(8) == spin(nil))
    #expect(spin(1.5) < spin(nil))
  }
}
