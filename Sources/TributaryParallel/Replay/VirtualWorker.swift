/// A thread of a replay: the opener of the pass, 0, or a worker.
struct VirtualWorker {
  enum Status {
    case away
    /// On its way.
    case summoned
    /// A worker without a job, which looks for one.
    case searching
    /// An opener that waits for its loop or pass and looks for something to help with.
    case waiting
    /// The same, after a while.
    case asleep
    case working
  }

  enum Activity {
    case none
    /// What a node does outside of its shared loops.
    case serial
    /// A claim of tiles of this loop.
    case tiles(loop: Int)
    /// The addition of a contribution to a sum.
    case folding(ReplayFolds.Turn)
  }

  var status = Status.away
  /// Changes with the status.
  var version = 0
  /// Whether it has seen that there is work, and is about to look.
  var isAboutToLook = false
  /// It works in a loop so brief that it counts as searching.
  var isInBriefLoop = false
  let home: Int

  var activity = Activity.none
  /// The node that it runs; -1: none.
  var node: Int32 = -1
  /// Of that node's shared loops, the next.
  var nextLoop = 0
  /// The edge along which the node's results are delivered next, and what became ready by those that were.
  var nextEdge = 0
  var made = MadeReady()
  /// How many small nodes it has run since its last node that was none.
  var smallRun = 0
  /// The loop that it has opened and waits for; -1: none.
  var awaited = -1

  /// What it has done since its last stretch that costs time: added to the next.
  var overhead = 0.0

  // The stretch of work under way.
  var left = 0.0
  var rate = 1.0
  var since = 0.0
  /// Its version: a change of the rate makes the foreseen end void.
  var stretch = 0
  /// Bytes a nanosecond that it draws from memory and from the shared cache at full rate, and whose memory.
  var mainDemand = 0.0
  var sharedDemand = 0.0
  var memoryHome = 0

  init(home: Int) { self.home = home }

  var isIdle: Bool { status == .searching || status == .waiting || status == .asleep }
}

/// A loop that is open in a replay.
struct VirtualLoop {
  let opener: Int
  let node: Int32
  let chunk: Int
  let tiles: Int
  /// Alone on one core.
  let nanosecondsPerTile: Double
  let isBrief: Bool
  var participants = 1
  /// For each NUMA node the tiles of its own that nobody has claimed.
  var unclaimed: [Range<Int>]
  /// Who changed each counter last.
  var toucher: [Int]

  var hasTiles: Bool { unclaimed.contains { !$0.isEmpty } }
}
