/// The sums of a replay: which contributions have come, which are folded, and who folds. Rules as of `GradientFold`: of
/// a run one worker at a time, in the order of the slots, and who comes meanwhile leaves its contribution to that one.
struct ReplayFolds {
  // By run of consecutive slots: a bit for each that is filled, how many are folded, whether somebody is folding, and
  // who folded last, -1: nobody.
  private var filled: [UInt32]
  private var folded: [UInt32]
  private var isTaken: [Bool]
  private var folder: [Int32]
  /// By slot, the ports' one after another, who made what lies there; -1: it was there at the beginning.
  private var makers: [Int32]
  // By port, the last entry being the end.
  private let firstRun: [Int]
  private let firstSlot: [Int]
  private let slots: [Int]
  private let length: Int

  /// One worker's stretch of folding.
  struct Turn {
    let run: Int
    let port: Int
    /// How many contributions it has folded.
    var folded = 0
  }

  init(_ pass: RecordedPass) {
    let run = pass.ports.run
    var (firstRun, firstSlot) = ([0], [0])
    for slots in pass.ports.slots {
      firstRun.append(firstRun[firstRun.count - 1] + (slots + run - 1) / run)
      firstSlot.append(firstSlot[firstSlot.count - 1] + slots)
    }
    let runs = firstRun[firstRun.count - 1]
    (self.firstRun, self.firstSlot) = (firstRun, firstSlot)
    (slots, length) = (pass.ports.slots, run)
    filled = [UInt32](repeating: 0, count: runs)
    folded = filled
    isTaken = [Bool](repeating: false, count: runs)
    folder = [Int32](repeating: -1, count: runs)
    makers = [Int32](repeating: -1, count: firstSlot[firstSlot.count - 1])
    fillSeeds(pass)
  }

  /// The first slots, as many as no edge fills, are the seeds of roots, which are there at the beginning.
  private mutating func fillSeeds(_ pass: RecordedPass) {
    for (port, contributions) in pass.contributions.enumerated() {
      for slot in 0..<slots[port] - contributions {
        guard var turn = deposit(by: -1, at: slot, of: port) else { continue }
        while advance(&turn, by: -1) {}
      }
    }
  }

  func isSum(_ port: Int) -> Bool { slots[port] > 1 }

  /// Fills a slot; a turn if `worker` is the one to fold it, which ends when ``advance(_:by:)`` says so.
  mutating func deposit(by worker: Int32, at slot: Int, of port: Int) -> Turn? {
    let run = firstRun[port] + slot / length
    filled[run] |= 1 << UInt32(slot % length)
    makers[firstSlot[port] + slot] = worker
    guard !isTaken[run], hasNext(run, port) else { return nil }
    isTaken[run] = true
    return Turn(run: run, port: port)
  }

  /// Who folded last into the sum, and who made the contribution that is folded next.
  func next(_ turn: Turn) -> (folder: Int32, maker: Int32) {
    let slot = (turn.run - firstRun[turn.port]) * length + Int(folded[turn.run])
    return (folder[turn.run], makers[firstSlot[turn.port] + slot])
  }

  /// The next contribution is folded; false: there is no other, and the turn is over.
  mutating func advance(_ turn: inout Turn, by worker: Int32) -> Bool {
    folded[turn.run] += 1
    folder[turn.run] = worker
    turn.folded += 1
    let goesOn = hasNext(turn.run, turn.port)
    isTaken[turn.run] = goesOn
    return goesOn
  }

  private func hasNext(_ run: Int, _ port: Int) -> Bool {
    let size = min(length, slots[port] - (run - firstRun[port]) * length)
    return folded[run] < UInt32(size) && filled[run] & (1 << folded[run]) != 0
  }
}
