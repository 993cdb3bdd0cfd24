/// What threads and memory of a machine cost a pass, as `tributary calibrate` measures them and writes them to a file.
///
/// Times are nanoseconds. A field may be changed by hand, to ask what another machine would do.
package struct ReplayCosts: Codable, Sendable, Equatable {
  /// What the figures are of, and where they are assumed rather than measured.
  package var note = ""
  /// How many cores were measured with.
  package var cores = 1
  package var team = Team()
  package var memory = Memory()
  /// By how much work takes longer with 1, 2, … cores of a NUMA node busy; more cores: as with the last.
  package var busy: [Double] = [1]

  package init() {}

  package struct Team: Codable, Sendable, Equatable {
    /// A node on the team, beyond what it costs on its caller.
    package var node = 0.0
    /// Taking a ready node from a queue that no other core has changed since.
    package var take = 0.0
    /// Changing a word that another core changed last, on the same NUMA node and on another.
    package var word = 0.0
    package var remoteWord = 0.0
    /// From posting work until a worker that searches has begun it.
    package var handOver = 0.0
    /// The same for an opener that sleeps.
    package var wake = 0.0
    /// The same for a worker that is away, and how much later each further one comes.
    package var summons = 0.0
    package var nextSummons = 0.0
    /// What a summons costs the thread that posts, besides waiting for nobody.
    package var summonsOfPoster = 0.0
    /// Opening and closing a loop that nobody joins.
    package var loop = 0.0
    /// From the end of a loop's last tile, on another thread, until its opener goes on.
    package var join = 0.0
    /// One reading of the clock: a traced node has two.
    package var clock = 0.0
    /// How long a worker without work looks for some, and how long an opener that waits does before it sleeps.
    package var spin = 300_000.0
    package var wait = 50_000.0

    package init() {}
  }

  package struct Memory: Codable, Sendable, Equatable {
    /// From main memory, in GB/s (bytes a nanosecond).
    package var main = Bandwidth()
    /// From the cache that the cores of a NUMA node share.
    package var shared = Bandwidth()
    /// Bytes of a core's own cache, and of the one that the cores of a NUMA node share.
    package var ownCacheBytes = 0
    package var sharedCacheBytes = 0
    /// Nanoseconds a byte that reading what another core has just written takes longer than what one's own has.
    package var transfer = 0.0
    /// How many times as long memory of another NUMA node takes.
    package var remoteFactor = 1.0
    /// Where there is no other to measure: of servers with two sockets.
    static let assumedRemoteFactor = 1.6

    package init() {}
  }

  package struct Bandwidth: Codable, Sendable, Equatable {
    /// What 1, 2, … cores of a NUMA node reach together, in GB/s. More cores: in proportion to the last. Empty: no
    /// limit.
    package var together: [Double] = []
    /// What all cores of a NUMA node reach together at most; nil: not known, no limit.
    package var nodeLimit: Double?

    package init(together: [Double] = [], nodeLimit: Double? = nil) {
      (self.together, self.nodeLimit) = (together, nodeLimit)
    }

    /// What `cores` cores reach together.
    func limit(_ cores: Int) -> Double {
      guard let last = together.last, cores > 0 else { return .infinity }
      let free =
        cores <= together.count
        ? together[cores - 1] : last * Double(cores) / Double(together.count)
      return min(free, nodeLimit ?? .infinity)
    }
  }

  func busyFactor(_ cores: Int) -> Double {
    busy.isEmpty || cores < 1 ? 1 : busy[min(cores, busy.count) - 1]
  }

  /// What makes the costs unfit for a replay, which may come from a file; nil: nothing.
  package var flaw: String? {
    let times = [
      team.node, team.take, team.word, team.remoteWord, team.handOver, team.wake, team.summons,
      team.nextSummons, team.summonsOfPoster, team.loop, team.join, team.clock, team.spin,
      team.wait, memory.transfer, Double(memory.ownCacheBytes), Double(memory.sharedCacheBytes),
    ]
    guard times.allSatisfy({ $0 >= 0 && $0 < 1e15 }) else {
      return "a time or size is negative or too large"
    }
    let rates = memory.main.together + memory.shared.together
    let limits = [memory.main.nodeLimit, memory.shared.nodeLimit].compactMap { $0 }
    guard (rates + limits).allSatisfy({ $0 > 0 && $0 < 1e9 }) else {
      return "a bandwidth is not above zero"
    }
    guard (busy + [memory.remoteFactor]).allSatisfy({ $0 >= 0.1 && $0 < 1e6 }) else {
      return "a factor is out of range"
    }
    return nil
  }
}
