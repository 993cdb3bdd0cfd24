/// How fast stretches of work go beside each other.
///
/// A stretch was recorded alone. Beside others it shares the bandwidth of its NUMA node's memory and of the shared cache:
/// where the demands add up to more than the cores that draw on it reach together, each gets an equal share, and what
/// one does not need goes to the others. It slows down in proportion to what it lacks.
struct ReplayLoad {
  /// The workers with a stretch under way.
  var running: [Int] = []
  // By NUMA node: how many stretches draw on its memory and on its shared cache, and how much; how many cores are busy.
  var main: [Draw]
  var shared: [Draw]
  var busy: [Int]
  /// Whether some stretch goes slower than alone.
  var isTight = false

  struct Draw {
    var count = 0
    var demand = 0.0

    mutating func add(_ change: Int, _ amount: Double) {
      if amount == 0 { return }
      count += change
      demand = count == 0 ? 0 : demand + Double(change) * amount
    }
  }

  init(homes: Int) {
    main = [Draw](repeating: Draw(), count: homes)
    shared = main
    busy = [Int](repeating: 0, count: homes)
  }
}

extension PassReplay {
  /// Begins a stretch of `worker`.
  ///
  /// - Parameters:
  ///   - work: nanoseconds alone.
  ///   - moved: nanoseconds more, for what must come from other caches.
  func startStretch(_ worker: Int, work: Double, moved: Double, traffic: ReplayTraffic) {
    let overhead = workers[worker].overhead
    workers[worker].overhead = 0
    tally.work += work
    tally.moved += moved + traffic.remoteTime
    tally.scheduling += overhead
    let total = work + moved + traffic.remoteTime + overhead
    workers[worker].left = total
    workers[worker].since = time.now
    workers[worker].rate = 1
    setDemands(worker, traffic, total: total)
    change(worker, by: 1)
  }

  func endStretch(_ worker: Int) {
    let took = time.now - workers[worker].since
    // What went before at other rates was settled when the rate changed.
    tally.slowed += took * (1 - workers[worker].rate)
    workers[worker].stretch += 1
    change(worker, by: -1)
    switch workers[worker].activity {
    case .none: break
    case .serial: endSerial(worker)
    case .tiles(let loop): endTiles(worker, of: loop)
    case .folding(let turn): endFold(worker, turn)
    }
  }

  /// Counts the stretch in or out, and lets others go on at the rates that they have now.
  private func change(_ worker: Int, by change: Int) {
    let own = workers[worker]
    load.main[own.memoryHome].add(change, own.mainDemand)
    load.shared[own.home].add(change, own.sharedDemand)
    let before = costs.busyFactor(load.busy[own.home])
    load.busy[own.home] += change
    if change > 0 {
      load.running.append(worker)
    } else if let place = load.running.firstIndex(of: worker) {
      load.running.swapAt(place, load.running.count - 1)
      load.running.removeLast()
    }
    let wasTight = load.isTight
    load.isTight = isTight
    if load.isTight || wasTight || costs.busyFactor(load.busy[own.home]) != before {
      setRates()
    } else if change > 0 {
      if costs.busyFactor(load.busy[own.home]) != 1 { return setRates() }
      foreseeEnd(worker)
    }
  }

  private var isTight: Bool {
    for home in load.main.indices {
      let (main, shared) = (load.main[home], load.shared[home])
      if main.count > 0, main.demand > costs.memory.main.limit(main.count) { return true }
      if shared.count > 0, shared.demand > costs.memory.shared.limit(shared.count) { return true }
    }
    return false
  }

  private func foreseeEnd(_ worker: Int) {
    workers[worker].stretch += 1
    time.foresee(
      .ends, of: worker, version: workers[worker].stretch,
      after: workers[worker].left / workers[worker].rate)
  }

  private func setRates() {
    let homes = topology.nodes.count
    let mainShare = (0..<homes).map { home in
      share(costs.memory.main.limit(load.main[home].count)) {
        workers[$0].memoryHome == home ? workers[$0].mainDemand : 0
      }
    }
    let sharedShare = (0..<homes).map { home in
      share(costs.memory.shared.limit(load.shared[home].count)) {
        workers[$0].home == home ? workers[$0].sharedDemand : 0
      }
    }
    for worker in load.running {
      let own = workers[worker]
      var rate = 1 / costs.busyFactor(load.busy[own.home])
      if own.mainDemand > 0 { rate = min(rate, mainShare[own.memoryHome] / own.mainDemand) }
      if own.sharedDemand > 0 { rate = min(rate, sharedShare[own.home] / own.sharedDemand) }
      let took = time.now - own.since
      tally.slowed += took * (1 - own.rate)
      workers[worker].left = max(0, own.left - took * own.rate)
      workers[worker].since = time.now
      workers[worker].rate = rate
      foreseeEnd(worker)
    }
  }

  /// The most that one stretch may draw, of `limit` shared out evenly; what one does not need goes to the others.
  private func share(_ limit: Double, _ demand: (Int) -> Double) -> Double {
    guard limit.isFinite else { return .infinity }
    let demands = load.running.map(demand).filter { $0 > 0 }.sorted()
    var left = limit
    for (index, demand) in demands.enumerated() {
      let fair = left / Double(demands.count - index)
      if demand > fair { return fair }
      left -= demand
    }
    return .infinity
  }
}
