/// Who looks for work, who waits, who is summoned: the rules of `Crew`, `WorkerTeam.reside` and `WorkerTeam.wait`.
extension PassReplay {
  private var searchingCount: Int {
    workers.count { $0.status == .searching || $0.isInBriefLoop }
  }

  private var presentCount: Int { workers.dropFirst().count { $0.status != .away } }

  /// As `WorkerTeam.isBusyInPass`, asked by one of them.
  var allAreBusy: Bool {
    isOnTeam && searchingCount == 0 && presentCount >= width - 1
      && !workers.contains { $0.node < 0 && ($0.status == .waiting || $0.status == .asleep) }
  }

  /// As `WorkerTeam.announce`, and those who search come to look.
  func announce(_ items: Int, by poster: Int, isPass: Bool, nanoseconds: Double = .infinity) {
    if width == 1 || items <= 0 { return }
    var wanted = items - searchingCount
    let called = callSearching(items, from: poster)
    let more = callWaiting(items - called, isPass: isPass, asleep: false)
    if wanted <= 0 { return }
    wanted -= callWaiting(min(wanted, items - called - more), isPass: isPass, asleep: true)
    if wanted <= 0 || presentCount >= width - 1 { return }
    if nanoseconds.isFinite {
      let found = LoopRule.summons(nanoseconds, after: smallWork)
      smallWork = found.small
      if !found.now { return }
    }
    summon(wanted, by: poster)
  }

  private func callSearching(_ items: Int, from poster: Int) -> Int {
    var called = 0
    for step in 1..<width where called < items {
      let worker = (poster + step) % width
      guard workers[worker].status == .searching, !workers[worker].isAboutToLook else { continue }
      call(worker, after: costs.team.handOver)
      called += 1
    }
    return called
  }

  /// Openers that wait: those of loops run tiles, that of the pass nodes and tiles.
  private func callWaiting(_ items: Int, isPass: Bool, asleep: Bool) -> Int {
    var called = 0
    for worker in 0..<width where called < items {
      guard workers[worker].status == (asleep ? .asleep : .waiting),
        !workers[worker].isAboutToLook, !isPass || workers[worker].awaited < 0
      else { continue }
      call(worker, after: asleep ? costs.team.wake : costs.team.handOver)
      called += 1
    }
    return called
  }

  private func call(_ worker: Int, after delay: Double) {
    workers[worker].isAboutToLook = true
    time.foresee(.looks, of: worker, version: workers[worker].version, after: delay)
  }

  private func summon(_ wanted: Int, by poster: Int) {
    var left = wanted
    workers[poster].overhead += costs.team.summonsOfPoster
    for worker in 1..<width where left > 0 && workers[worker].status == .away {
      setStatus(worker, .summoned)
      let delay = costs.team.summons + Double(wanted - left) * costs.team.nextSummons
      time.foresee(.arrives, of: worker, version: workers[worker].version, after: delay)
      left -= 1
    }
  }

  private func setStatus(_ worker: Int, _ status: VirtualWorker.Status) {
    workers[worker].status = status
    workers[worker].version += 1
    workers[worker].isAboutToLook = false
  }

  // MARK: Looking

  /// Called of a worker that has nothing to do.
  func look(_ worker: Int) {
    if workers[worker].status == .searching { search(worker) } else { wait(worker) }
  }

  /// A worker without a job: nodes before tiles.
  func search(_ worker: Int) {
    if workers[worker].status != .searching { beginSearching(worker) }
    if takeNode(worker) { return }
    _ = helpLoop(worker)
  }

  func beginSearching(_ worker: Int) {
    workers[worker].isInBriefLoop = false
    workers[worker].activity = .none
    workers[worker].overhead = 0
    setStatus(worker, .searching)
    time.foresee(
      .tires, of: worker, version: workers[worker].version, after: costs.team.spin)
  }

  /// An opener that waits: goes on if its loop is over, else helps.
  func wait(_ worker: Int) {
    let loop = workers[worker].awaited
    if loop >= 0, loops[loop].participants == 0 {
      workers[worker].awaited = -1
      beginWorking(worker, isBrief: false)
      return startSerial(worker)
    }
    if done == pass.count {
      if workers[worker].status == .working { setStatus(worker, .waiting) }
      return
    }
    if workers[worker].status != .waiting {
      workers[worker].overhead = 0
      setStatus(worker, .waiting)
      time.foresee(
        .tires, of: worker, version: workers[worker].version, after: costs.team.wait)
    }
    if loop < 0, takeNode(worker) { return }
    _ = helpLoop(worker)
  }

  /// The worker has found something. If it was the last to search, somebody else must see to other work.
  func beginWorking(_ worker: Int, isBrief: Bool) {
    let wasSearching = workers[worker].status == .searching
    if workers[worker].status != .working { setStatus(worker, .working) }
    workers[worker].isInBriefLoop = wasSearching && isBrief
    guard wasSearching, !isBrief, searchingCount == 0, presentCount < width - 1, hasNodes else {
      return
    }
    summon(1, by: worker)
  }

  private var hasNodes: Bool {
    isOnTeam && policy.hasReadyNodes
  }

  func tire(_ worker: Int) {
    switch workers[worker].status {
    case .searching:
      if hasNodes || !openLoops.isEmpty { search(worker) } else { setStatus(worker, .away) }
    case .waiting:
      // Who waits for a loop of its own takes no nodes.
      if !(worker == 0 && workers[0].awaited < 0 && hasNodes), openLoops.isEmpty {
        setStatus(worker, .asleep)
      } else {
        wait(worker)
      }
    default: break
    }
  }
}
