/// Which nodes become ready, and who runs them.
extension PassReplay {
  func begin() {
    workers[0].status = .working
    if !isOnTeam { return run(0, by: 0) }
    for node in (0..<Int32(pass.count)).reversed() where pending[Int(node)] == 0 {
      becameReady(node, by: 0, mayBeSmall: false)
    }
    // As `NodeContext.handOnFirst`.
    let (first, others) = handOn(by: 0, thrift: !workers[0].made.hasOwn)
    let ready = others + (first >= 0 ? 1 : 0)
    if ready > 1 { announce(min(ready, width) - 1, by: 0, isPass: true) }
    if first >= 0 { run(first, by: 0) } else { takeNode(0) }
  }

  /// As `NodeContext.becameReady`.
  private func becameReady(_ node: Int32, by worker: Int, mayBeSmall: Bool = true) {
    if mayBeSmall, policy.isSmall(node, heap) {
      return workers[worker].made.addSmall(node, heap)
    }
    let near = policy.homes > 0 ? home(of: node) : -1
    var made = workers[worker].made
    defer { workers[worker].made = made }
    if made.send(node, to: near, from: workers[worker].home, policy, heap) {
      return touchQueue(width + near, by: worker)
    }
    let running = workers[worker].node
    made.add(
      node, of: place(of: node), after: running < 0 ? BranchPlace(word: 0) : place(of: running),
      by: worker, policy, heap
    ) { touchQueue($0, by: worker) }
  }

  private func place(of node: Int32) -> BranchPlace {
    BranchPlace(word: UInt16(truncatingIfNeeded: pass.nodes.branch[Int(node)]))
  }

  /// As `NodeContext.handOn`.
  private func handOn(by worker: Int, thrift: Bool) -> (next: Int32, others: Int) {
    var made = workers[worker].made
    let next = made.handOn(by: worker, policy, heap, thrift: thrift) { touchQueue($0, by: worker) }
    workers[worker].made = MadeReady()
    return (next, made.count - (next >= 0 ? 1 : 0))
  }

  private func touchQueue(_ queue: Int, by worker: Int) {
    workers[worker].overhead += cost(of: &queueToucher[queue], by: worker)
  }

  /// What it costs `worker` to change a word, which is its own from then on.
  func cost(of toucher: inout Int32, by worker: Int) -> Double {
    let last = Int(toucher)
    toucher = Int32(worker)
    if last < 0 || last == worker { return 0 }
    return workers[last].home == workers[worker].home ? costs.team.word : costs.team.remoteWord
  }

  /// Takes ready nodes as `DependencyScheduler.work` does; without one the thread leaves the pass. False: there was
  /// none.
  @discardableResult
  func takeNode(_ worker: Int) -> Bool {
    guard isOnTeam,
      let choice = policy.next(
        for: worker, home: workers[worker].home, heap, thrift: false,
        hasJoined: workers[worker].status != .working),
      choice.node >= 0
    else {
      if workers[worker].status == .working { leavePass(worker) }
      return false
    }
    beginWorking(worker, isBrief: false)
    workers[worker].overhead += costs.team.take
    touchQueue(choice.queue, by: worker)
    if choice.leavesMore { announce(1, by: worker, isPass: true) }
    run(choice.node, by: worker)
    return true
  }

  private func leavePass(_ worker: Int) {
    if worker == 0 { wait(worker) } else { search(worker) }
  }

  private func run(_ node: Int32, by worker: Int, isSmall: Bool = false) {
    workers[worker].overhead += perNode + (isOnTeam && !isSmall ? costs.team.node : 0)
    workers[worker].node = node
    workers[worker].smallRun = isSmall ? workers[worker].smallRun + 1 : 0
    workers[worker].nextLoop = graph.loops(of: node).lowerBound
    startSerial(worker, moved: movedTime(into: node, on: worker) + movedTime(ofSaved: node))
  }

  /// The part of the worker's node before its next shared loop, or before its end.
  func startSerial(_ worker: Int, moved: Double = 0) {
    let node = Int(workers[worker].node)
    let next = workers[worker].nextLoop
    let own = graph.loops(of: Int32(node))
    var start = 0
    if next > own.lowerBound {
      let last = graph.sharedLoops[next - 1]
      start = pass.loops.start[last] + pass.loops.time[last]
    }
    let end =
      next < own.upperBound
      ? pass.loops.start[graph.sharedLoops[next]]
      // On the team what is summed is time of its own.
      : pass.nodes.time[node] - (isOnTeam ? graph.folding[node] : 0)
    workers[worker].activity = .serial
    let work = Double(max(0, end - start))
    startStretch(worker, work: work, moved: moved, traffic: traffic(of: node, on: worker, work))
  }

  func endSerial(_ worker: Int) {
    let node = workers[worker].node
    if workers[worker].nextLoop < graph.loops(of: node).upperBound { return openLoop(worker) }
    if !isOnTeam {
      done += 1
      if Int(node) + 1 < pass.count { return run(node + 1, by: worker) }
      workers[worker].node = -1
      end = time.now
      return wait(worker)
    }
    workers[worker].nextEdge = edges(of: node).lowerBound
    deliver(worker)
  }

  /// Goes on delivering what the worker's node has made; then runs the best of what became ready, or looks for other
  /// work.
  private func deliver(_ worker: Int) {
    let edges = edges(of: workers[worker].node)
    while workers[worker].nextEdge < edges.upperBound {
      let edge = workers[worker].nextEdge
      workers[worker].nextEdge += 1
      let port = pass.edges.port[edge]
      if pass.edges.receiver[edge] < 0 { continue }
      if !folds.isSum(port) {
        report(1, along: edge, by: worker)
      } else if let turn = folds.deposit(
        by: Int32(worker), at: pass.edges.slot[edge], of: port)
      {
        return startFold(turn, along: edge, by: worker)
      }
    }
    done += 1
    if done == pass.count {
      workers[worker].node = -1
      return finish(worker)
    }
    if workers[worker].smallRun < PassPolicy.mostSmall {
      let small = workers[worker].made.takeSmall(heap)
      if small >= 0 { return run(small, by: worker, isSmall: true) }
    }
    let (next, others) = handOn(by: worker, thrift: false)
    workers[worker].node = -1
    if others > 0 { announce(min(others, width - 1), by: worker, isPass: true) }
    if next >= 0 { run(next, by: worker) } else { takeNode(worker) }
  }

  private func report(_ contributions: Int, along edge: Int, by worker: Int) {
    let receiver = pass.edges.receiver[edge]
    workers[worker].overhead += cost(of: &counterToucher[receiver], by: worker)
    pending[receiver] -= Int32(contributions)
    makers[receiver] = Int32(worker)
    if pending[receiver] == 0 { becameReady(Int32(receiver), by: worker) }
  }

  /// Adds one contribution to its sum: both come from the caches of those who had them.
  private func startFold(_ turn: ReplayFolds.Turn, along edge: Int, by worker: Int) {
    let bytes = pass.nodes.bytesIn[pass.edges.receiver[edge]]
    let (folder, maker) = folds.next(turn)
    workers[worker].activity = .folding(turn)
    startStretch(
      worker, work: graph.additions[turn.port],
      moved: transferTime(bytes, from: Int(folder), to: worker)
        + transferTime(bytes, from: Int(maker), to: worker),
      traffic: traffic(ofAdding: bytes))
  }

  func endFold(_ worker: Int, _ turn: ReplayFolds.Turn) {
    var turn = turn
    let edge = workers[worker].nextEdge - 1
    if folds.advance(&turn, by: Int32(worker)) {
      return startFold(turn, along: edge, by: worker)
    }
    report(turn.folded, along: edge, by: worker)
    deliver(worker)
  }

  private func finish(_ worker: Int) {
    // The opener sees that the last participant has left.
    let opener = workers[0]
    let delay =
      worker == 0 ? 0 : opener.status == .asleep ? costs.team.wake : costs.team.join
    end = time.now + delay
    if worker == 0 { wait(0) } else { search(worker) }
  }

  func edges(of node: Int32) -> Range<Int> {
    pass.nodes.firstEdge[Int(node)]..<pass.nodes.firstEdge[Int(node) + 1]
  }
}
