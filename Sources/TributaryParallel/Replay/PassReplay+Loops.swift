/// Loops inside nodes, as `WorkerTeam.runLoop` and `runTiles` share them out.
extension PassReplay {
  func openLoop(_ worker: Int) {
    let recorded = graph.sharedLoops[workers[worker].nextLoop]
    workers[worker].nextLoop += 1
    let tiles = pass.loops.tiles[recorded]
    let estimate = pass.loops.nanosecondsPerTile[recorded]
    let homes = topology.nodes.count
    let loop = loops.count
    let isForNobody =
      LoopRule.isOverBeforeHelp(tiles: tiles, nanosecondsPerTile: estimate) && allAreBusy
    // Dealt by NUMA node alone: which tiles a worker of the node begins with costs nothing here.
    loops.append(
      VirtualLoop(
        opener: worker, node: workers[worker].node,
        chunk: isForNobody
          ? tiles : LoopRule.chunk(tiles: tiles, nanosecondsPerTile: estimate, width: width),
        tiles: tiles, nanosecondsPerTile: Double(pass.loops.time[recorded]) / Double(tiles),
        isBrief: LoopRule.isBrief(tiles: tiles, nanosecondsPerTile: estimate),
        unclaimed: (0..<homes).map { topology.tiles(ofNode: $0, of: tiles) },
        toucher: [Int](repeating: worker, count: homes)))
    if isForNobody {
      let all = loops[loop].unclaimed
      loops[loop].unclaimed = all.map { $0.upperBound..<$0.upperBound }
      return startTiles(0..<tiles, of: loop, by: worker)
    }
    openLoops.append(loop)
    workers[worker].overhead += costs.team.loop
    // The opener's first claim comes before anybody sees the loop.
    let first = claim(loop, by: worker, ownOnly: true)
    announce(
      min(tiles, width) - 1, by: worker, isPass: false, nanoseconds: Double(tiles) * estimate)
    if let first { startTiles(first, of: loop, by: worker) } else { goOn(loop, worker) }
  }

  /// Claims tiles, own NUMA node first; nil: there are none.
  private func claim(_ loop: Int, by worker: Int, ownOnly: Bool = false) -> Range<Int>? {
    let homes = topology.nodes.count
    for step in 0..<(ownOnly ? 1 : homes) {
      let home = (workers[worker].home + step) % homes
      let left = loops[loop].unclaimed[home]
      if left.isEmpty { continue }
      let end = min(left.lowerBound + loops[loop].chunk, left.upperBound)
      loops[loop].unclaimed[home] = end..<left.upperBound
      var toucher = Int32(loops[loop].toucher[home])
      workers[worker].overhead += cost(of: &toucher, by: worker)
      loops[loop].toucher[home] = worker
      if !loops[loop].hasTiles { openLoops.removeAll { $0 == loop } }
      return left.lowerBound..<end
    }
    return nil
  }

  private func startTiles(_ tiles: Range<Int>, of loop: Int, by worker: Int) {
    let node = Int(loops[loop].node)
    let work = Double(tiles.count) * loops[loop].nanosecondsPerTile
    workers[worker].activity = .tiles(loop: loop)
    startStretch(
      worker, work: work,
      moved: worker == loops[loop].opener
        ? 0 : movedTime(into: Int32(node), on: worker, share: work / nodeTime(node)),
      traffic: traffic(of: node, on: worker, work))
  }

  private func nodeTime(_ node: Int) -> Double { max(1, Double(pass.nodes.time[node])) }

  /// A claim has been run.
  func endTiles(_ worker: Int, of loop: Int) {
    let waits = workers[worker].awaited >= 0 || worker == 0 && workers[0].node < 0
    if waits {
      // One claim at a time for who waits for something of its own.
      leave(loop)
      workers[worker].activity = .none
      return wait(worker)
    }
    goOn(loop, worker)
  }

  private func goOn(_ loop: Int, _ worker: Int) {
    if let next = claim(loop, by: worker) { return startTiles(next, of: loop, by: worker) }
    workers[worker].activity = .none
    if worker == loops[loop].opener {
      loops[loop].participants -= 1
      if loops[loop].participants == 0 { return startSerial(worker) }
      workers[worker].awaited = loop
      wait(worker)
    } else {
      leave(loop)
      search(worker)
    }
  }

  /// Somebody other than the opener leaves; the last one tells the opener.
  private func leave(_ loop: Int) {
    loops[loop].participants -= 1
    let opener = loops[loop].opener
    guard loops[loop].participants == 0, workers[opener].awaited == loop,
      workers[opener].isIdle
    else { return }
    // Whatever it was about to look at, this comes first.
    let delay = workers[opener].status == .asleep ? costs.team.wake : costs.team.join
    workers[opener].version += 1
    workers[opener].isAboutToLook = true
    time.foresee(.looks, of: opener, version: workers[opener].version, after: delay)
  }

  /// Joins the first open loop that has tiles.
  func helpLoop(_ worker: Int) -> Bool {
    guard let loop = openLoops.first else { return false }
    beginWorking(worker, isBrief: loops[loop].isBrief)
    loops[loop].participants += 1
    guard let tiles = claim(loop, by: worker) else { return false }
    startTiles(tiles, of: loop, by: worker)
    return true
  }
}
