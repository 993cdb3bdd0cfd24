/// Which nodes become ready, and who runs them.
extension PassReplay {
  func begin() {
    workers[0].status = .working
    if !isOnTeam { return run(0, by: 0) }
    var ready = ReadyNodes()
    var count = 0
    for node in 0..<Int32(pass.count) where pending[Int(node)] == 0 {
      becameReady(node, by: 0, &ready, &count)
    }
    push(ready, of: 0)
    if count > 1 { announce(min(count, width) - 1, by: 0, isPass: true) }
    takeNode(0)
  }

  /// As `NodeContext.becameReady`.
  private func becameReady(
    _ node: Int32, by worker: Int, _ ready: inout ReadyNodes, _ count: inout Int
  ) {
    count += 1
    let place = policy.homes > 0 ? home(of: node) : -1
    if policy.sends(to: place, from: workers[worker].home) {
      policy.send(node, to: place, heap)
      queueOf[Int(node)] = Int32(width + place)
      touchQueue(width + place, by: worker)
    } else {
      heap.add(node, to: &ready)
      queueOf[Int(node)] = Int32(worker)
    }
  }

  private func push(_ ready: ReadyNodes, of worker: Int) {
    if ready.isEmpty { return }
    // The heap is walked by nobody but the queue: `share` without taking the first.
    var nodes = ready
    _ = policy.share(&nodes, of: worker, heap, thrift: true)
    touchQueue(worker, by: worker)
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
      let choice = policy.next(for: worker, home: workers[worker].home, heap, thrift: false),
      choice.node >= 0
    else {
      if workers[worker].status == .working { leavePass(worker) }
      return false
    }
    beginWorking(worker, isBrief: false)
    workers[worker].overhead += costs.team.take
    touchQueue(Int(queueOf[Int(choice.node)]), by: worker)
    if choice.leavesMore { announce(1, by: worker, isPass: true) }
    run(choice.node, by: worker)
    return true
  }

  private func leavePass(_ worker: Int) {
    if worker == 0 { wait(worker) } else { search(worker) }
  }

  private func run(_ node: Int32, by worker: Int) {
    workers[worker].overhead += perNode + (isOnTeam ? costs.team.node : 0)
    workers[worker].node = node
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
      next < own.upperBound ? pass.loops.start[graph.sharedLoops[next]] : pass.nodes.time[node]
    workers[worker].activity = .serial
    startStretch(worker, of: node, work: Double(max(0, end - start)), moved: moved)
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
    let moved = foldedTime(node, by: worker)
    if moved > 0 {
      workers[worker].activity = .delivering
      startStretch(worker, of: Int(node), work: 0, moved: moved)
    } else {
      deliver(worker)
    }
  }

  /// Deposits the node's results. What it costs to fold where another core holds the sum, or has made what is folded.
  private func foldedTime(_ node: Int32, by worker: Int) -> Double {
    var moved = 0.0
    for edge in edges(of: node) where pass.edges.receiver[edge] >= 0 {
      let (receiver, port) = (pass.edges.receiver[edge], pass.edges.port[edge])
      guard folds.isSum(port) else { continue }
      let (folded, last) = folds.deposit(
        by: Int32(worker), at: pass.edges.slot[edge], of: port)
      foldedBy[edge] = Int32(folded)
      if folded > 0, last >= 0, Int(last) != worker {
        moved += transferTime(pass.nodes.bytesIn[receiver], from: Int(last), to: worker)
      }
    }
    return moved
  }

  /// Tells the receivers; then runs the best of what became ready, or looks for other work.
  func deliver(_ worker: Int) {
    let node = workers[worker].node
    workers[worker].node = -1
    done += 1
    var ready = ReadyNodes()
    var count = 0
    for edge in edges(of: node) where pass.edges.receiver[edge] >= 0 {
      let receiver = pass.edges.receiver[edge]
      let counts = folds.isSum(pass.edges.port[edge]) ? foldedBy[edge] : 1
      if counts == 0 { continue }
      workers[worker].overhead += cost(of: &counterToucher[receiver], by: worker)
      pending[receiver] -= counts
      makers[receiver] = Int32(worker)
      if pending[receiver] == 0 { becameReady(Int32(receiver), by: worker, &ready, &count) }
    }
    if done == pass.count { return finish(worker) }
    if count == 0 { return _ = takeNode(worker) }
    let hadToPush = count > 1
    let next = policy.share(&ready, of: worker, heap, thrift: false)
    if hadToPush { touchQueue(worker, by: worker) }
    let left = count - (next >= 0 ? 1 : 0)
    if left > 0 { announce(min(left, width - 1), by: worker, isPass: true) }
    if next >= 0 { run(next, by: worker) } else { takeNode(worker) }
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
