/// What a replay asks of the recorded pass again and again.
struct ReplayGraph {
  /// How many contributions each node waits for.
  let dependencies: [Int32]
  /// The loops that a team of the replay's width shares: their numbers in the record, and by node the first.
  let sharedLoops: [Int]
  let firstShared: [Int]
  /// What the pass reads and writes that is not gone when it ends. More than fits the shared cache comes from memory.
  let footprint: Int

  init(_ pass: RecordedPass, width: Int) {
    var dependencies = [Int32](repeating: 0, count: pass.count)
    for receiver in pass.edges.receiver where receiver >= 0 { dependencies[receiver] += 1 }
    self.dependencies = dependencies
    let shared = pass.loops.node.indices.filter {
      LoopRule.isShared(
        tiles: pass.loops.tiles[$0], nanosecondsPerTile: pass.loops.nanosecondsPerTile[$0],
        width: width)
    }
    var first = [Int](repeating: 0, count: pass.count + 1)
    for loop in shared { first[pass.loops.node[loop] + 1] += 1 }
    for node in 0..<pass.count { first[node + 1] += first[node] }
    (sharedLoops, firstShared) = (shared, first)
    footprint = (0..<pass.count).reduce(0) { sum, node in
      sum + pass.nodes.bytesSaved[node] + (pass.nodes.isLeaf[node] ? pass.nodes.bytesIn[node] : 0)
    }
  }

  func loops(of node: Int32) -> Range<Int> {
    firstShared[Int(node)]..<firstShared[Int(node) + 1]
  }
}

/// The folds of a replay: which contributions have come, and up to where they are folded. Rules as of `GradientFold`.
struct ReplayFolds {
  /// Of each run of consecutive slots a bit for each that is filled, and how many are folded.
  private var filled: [UInt32]
  private var folded: [UInt32]
  /// Who folded last into each run.
  private var folder: [Int32]
  private let firstRun: [Int]
  private let slots: [Int]
  private let length: Int

  init(_ pass: RecordedPass) {
    let run = pass.ports.run
    var firstRun = [0]
    for slots in pass.ports.slots {
      firstRun.append(firstRun[firstRun.count - 1] + (slots + run - 1) / run)
    }
    self.firstRun = firstRun
    (slots, length) = (pass.ports.slots, run)
    filled = [UInt32](repeating: 0, count: firstRun[firstRun.count - 1])
    folded = filled
    folder = [Int32](repeating: -1, count: filled.count)
    fillSeeds(pass)
  }

  /// Slots that no edge fills are the seeds of roots, which are there at the beginning.
  private mutating func fillSeeds(_ pass: RecordedPass) {
    var isFilled = pass.ports.slots.map { [Bool](repeating: false, count: $0) }
    for edge in pass.edges.port.indices where pass.edges.receiver[edge] >= 0 {
      isFilled[pass.edges.port[edge]][pass.edges.slot[edge]] = true
    }
    for port in slots.indices {
      for slot in 0..<slots[port] where !isFilled[port][slot] {
        _ = deposit(by: -1, at: slot, of: port)
      }
    }
  }

  func isSum(_ port: Int) -> Bool { slots[port] > 1 }

  /// Fills a slot; returns how many contributions are folded by that, and who had folded last, -1: nobody.
  mutating func deposit(by worker: Int32, at slot: Int, of port: Int) -> (folded: Int, last: Int32)
  {
    let run = firstRun[port] + slot / length
    let size = UInt32(min(length, slots[port] - slot / length * length))
    filled[run] |= 1 << UInt32(slot % length)
    let before = folded[run]
    while folded[run] < size, filled[run] & (1 << folded[run]) != 0 { folded[run] += 1 }
    let last = folder[run]
    if folded[run] > before { folder[run] = worker }
    return (Int(folded[run] - before), last)
  }
}
