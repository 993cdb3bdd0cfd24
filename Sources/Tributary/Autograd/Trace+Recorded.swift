import CTributaryKernels
import TributaryParallel

/// What becomes of a traced pass when it is over: events, and the record that can be replayed.
extension Trace.Pass {
  func writeEvents() {
    let readyNodes = countsOfReady()
    var byThread: [Int: [Trace.Event]] = [:]
    let numbers = trace.numbers.withLock { $0 }
    for node in 0..<task.count where marks[node].end != 0 {
      let mark = marks[node]
      var details = Trace.Backward()
      details.slots = task.portRange(node).reduce(0) { $0 + Int(task.ports[$1].slotCount) }
      details.waited = mark.ready == 0 || mark.start < mark.ready ? 0 : mark.start - mark.ready
      details.stolen = mark.stolen
      details.readyNodes = readyNodes[node]
      details.liveBytes = mark.liveBytes
      let object = task.nodes[node].node.takeUnretainedValue()
      byThread[mark.thread, default: []].append(
        Trace.Event(
          kind: .backward, name: object.name, shape: object.outputShape, thread: mark.thread,
          worker: Int(mark.worker), start: mark.start - trace.origin,
          end: mark.end - trace.origin, node: numbers[ObjectIdentifier(object)] ?? 0,
          backward: details))
    }
    for (thread, events) in byThread {
      let last = events.reduce(0) { max($0, $1.end) }
      trace.shard(thread).withLock { shard in
        shard.last[thread] = max(shard.last[thread] ?? 0, last)
        shard.events += events
      }
    }
  }

  /// For each node how many others were ready as it ended.
  private func countsOfReady() -> [Int] {
    // Sorted, each list tells how many of its kind had come by a given time.
    let ready = marks.lazy.map(\.ready).filter { $0 != 0 }.sorted()
    let started = marks.lazy.filter { $0.ready != 0 }.map(\.start).sorted()
    func count(_ times: [UInt64], by time: UInt64) -> Int {
      var (low, high) = (0, times.count)
      while low < high {
        let middle = (low + high) / 2
        if times[middle] <= time { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return marks.map { max(0, count(ready, by: $0.end) - count(started, by: $0.end)) }
  }

  /// Nil where the pass failed: not all of its nodes ran.
  func recorded(_ ended: UInt64) -> RecordedPass? {
    guard ran != 0, marks.allSatisfy({ $0.end != 0 }) else { return nil }
    var pass = RecordedPass()
    (pass.threads, pass.count) = (threads, task.count)
    pass.discovery = Int(discovered - (task.begun == 0 ? discovered : task.begun))
    pass.decision = Int(begun - prepared)
    pass.run = Int(ran - begun)
    pass.commit = Int(ended - ran)
    if marks.isEmpty { return pass }
    pass.wantsTeam = BackwardEngine.isWorthATeam(task)
    pass.smallPriority = BackwardEngine.smallPriority
    let folding = Dictionary(
      logs.lazy.flatMap(\.folds).map { ($0.edge, $0.nanoseconds) }, uniquingKeysWith: +)
    for node in 0..<task.count { add(node, folding: folding, to: &pass) }
    pass.nodes.firstEdge.append(pass.edges.port.count)
    pass.nodes.firstPort.append(pass.ports.slots.count)
    pass.ports.run = Int(tri_fan_in_run())
    addLoops(to: &pass)
    return pass
  }

  private func add(
    _ node: Int, folding: [Int: Int], to pass: inout RecordedPass
  ) {
    let record = task.nodes[node]
    pass.nodes.time.append(Int(marks[node].end - marks[node].start))
    pass.nodes.start.append(Int(marks[node].start - begun))
    pass.nodes.priority.append(record.path)
    pass.nodes.cost.append(record.cost)
    pass.nodes.bytesIn.append(marks[node].bytesIn)
    pass.nodes.bytesSaved.append(savedBytes[node])
    pass.nodes.isLeaf.append(record.leaf >= 0)
    pass.nodes.branch.append(Int(record.place.word))
    pass.nodes.firstEdge.append(pass.edges.port.count)
    pass.nodes.firstPort.append(pass.ports.slots.count)
    for port in task.portRange(node) { pass.ports.slots.append(Int(task.ports[port].slotCount)) }
    var out = 0
    for index in task.edgeRange(node) {
      let edge = task.edges[index]
      pass.edges.receiver.append(Int(edge.node))
      pass.edges.port.append(Int(edge.port))
      pass.edges.slot.append(Int(edge.slot))
      pass.edges.folding.append(folding[index] ?? 0)
      guard edge.node >= 0 else { continue }
      // What has arrived there is what leaves here, or a sum of its size; of several outputs each its part.
      out += marks[Int(edge.node)].bytesIn / max(1, Int(task.nodes[Int(edge.node)].outputCount))
    }
    pass.nodes.bytesOut.append(out)
  }

  private func addLoops(to pass: inout RecordedPass) {
    let all = logs.flatMap(\.records).sorted { ($0.node, $0.start) < ($1.node, $1.start) }
    for loop in all {
      let node = Int(loop.node)
      pass.loops.node.append(node)
      pass.loops.tiles.append(loop.tiles)
      pass.loops.nanosecondsPerTile.append(loop.nanosecondsPerTile)
      pass.loops.start.append(Int(loop.start - marks[node].start))
      pass.loops.time.append(Int(loop.end - loop.start))
    }
  }
}
