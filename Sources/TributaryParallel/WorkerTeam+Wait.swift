import CTributaryShims
import Synchronization

/// What a thread may do while it has nothing of its own to do.
enum HelpRule {
  /// A worker without a job: everything.
  case anything
  /// A thread that waits for its loop: tiles, which hold no locks and call no user code.
  case tiles
  /// A thread that waits for a pass: its nodes, those of passes nested in it, and tiles.
  case pass(UnsafeMutablePointer<PassRecord>)

  var allowsNodes: Bool {
    if case .tiles = self { false } else { true }
  }

  var isWaiting: Bool {
    if case .anything = self { false } else { true }
  }

  func isOwn(_ slot: SlotPointer, _ team: WorkerTeam) -> Bool {
    if case .pass(let record) = self { team.slots[record.pointee.slot] == slot } else { false }
  }
}

extension WorkerTeam {
  /// Finds one open job that the rule allows and works on it. False if there was nothing to do.
  ///
  /// Ready nodes come before tiles: they are the coarser work. The pass that the thread itself waits for
  /// is left to `wait`.
  func help(_ rule: HelpRule) -> Bool {
    if rule.allowsNodes {
      let found = forEachUsedSlot { slot in
        guard slot.pointee.kind.load(ordering: .relaxed) == .pass else { return false }
        let seen = slot.pointee.state.load(ordering: .sequentiallyConsistent)
        guard seen & JobSlot.participantMask != 0, !rule.isOwn(slot, self),
          mayHelp(slot, rule), slot.hasNodes(in: queueCount), slot.join(seen: seen)
        else { return false }
        return whileHelping(slot, rule, isBrief: false) { joinedPass(slot, rule) }
      }
      if found { return true }
    }
    return forEachUsedSlot { slot in
      guard slot.pointee.kind.load(ordering: .relaxed) == .loop else { return false }
      let seen = slot.pointee.state.load(ordering: .sequentiallyConsistent)
      guard seen & JobSlot.participantMask != 0, slot.hasTiles, slot.join(seen: seen) else {
        return false
      }
      return whileHelping(slot, rule, isBrief: slot.pointee.isBrief) {
        runTiles(of: slot, once: rule.isWaiting)
        slot.leave()
        return true
      }
    }
  }

  /// Runs `body`, the work on a job that the thread has joined, during which it does not search.
  @inline(__always)
  private func whileHelping(
    _ slot: SlotPointer, _ rule: HelpRule, isBrief: Bool, _ body: () -> Bool
  ) -> Bool {
    // Changing the count for each small loop would cost as much as the loop.
    let stops = !rule.isWaiting && !isBrief
    if stops { stopSearching(for: slot) }
    defer {
      if stops { crewWord.wrappingAdd(Crew.oneSearching, ordering: .sequentiallyConsistent) }
    }
    return meter.whileHelping(isWaiting: rule.isWaiting, body)
  }

  /// Whether there is something that `help` would do.
  func hasWork(_ rule: HelpRule, except skipped: SlotPointer? = nil) -> Bool {
    forEachUsedSlot { slot in
      if slot == skipped { return false }
      let seen = slot.pointee.state.load(ordering: .sequentiallyConsistent)
      guard seen & JobSlot.participantMask != 0 else { return false }
      if slot.pointee.kind.load(ordering: .relaxed) == .loop { return slot.hasTiles }
      return rule.allowsNodes && mayHelp(slot, rule) && slot.hasNodes(in: queueCount)
    }
  }

  /// A hint, by slots alone; certain only for those who joined (`PassRecord.isKin`).
  private func mayHelp(_ slot: SlotPointer, _ rule: HelpRule) -> Bool {
    guard case .pass(let own) = rule else { return true }
    let ownSlot = slots[own.pointee.slot]
    var next = slot
    for _ in 0..<WorkerTeam.kinshipLimit {
      if next == ownSlot { return true }
      let parent = next.pointee.parent.load(ordering: .relaxed)
      if parent < 0 { return false }
      next = slots[Int(parent)]
    }
    return false
  }

  /// Works on the pass in `slot`, which the caller has joined, and leaves it.
  private func joinedPass(_ slot: SlotPointer, _ rule: HelpRule) -> Bool {
    guard let record = slot.pointee.pass else {
      slot.leave()
      return false
    }
    if case .pass(let own) = rule, !PassRecord.isKin(record, of: own) {
      slot.leave()
      return false
    }
    takePart(record)
    slot.leave()
    return true
  }

  /// Separate from the leaving: whatever is retained here is released before the pass can end.
  @inline(never)
  private func takePart(_ record: UnsafeMutablePointer<PassRecord>) {
    let work = { self.asCurrent { DependencyScheduler.work(record, team: self, hasJoined: true) } }
    if let participation = record.pointee.options.participation {
      participation(work)
    } else {
      work()
    }
  }

  /// Returns when the job in `slot` is over. The caller has opened it and left it.
  ///
  /// - Parameter rejoin: for a pass: works on it once more if it has ready nodes; true if it did.
  func wait(for slot: SlotPointer, rule: HelpRule, rejoin: () -> Bool = { false }) {
    // Relaxed: a hint, see `isBusyInPass`. (Not counted while it works on its pass; tiles that it helps with are brief.)
    if rule.allowsNodes { idleOpeners.wrappingAdd(1, ordering: .relaxed) }
    meter.whileWaiting { waitUnmetered(for: slot, rule: rule, rejoin: rejoin) }
    if rule.allowsNodes { idleOpeners.wrappingSubtract(1, ordering: .relaxed) }
  }

  private func waitUnmetered(for slot: SlotPointer, rule: HelpRule, rejoin: () -> Bool) {
    var spinning = Spin(budget: waitNanoseconds, yielding: crowded)
    // Somebody else's tile may take more stack than this thread has left; a pass was moved in time.
    let helps = rule.allowsNodes || !tri_stack_is_low()
    while !slot.isOver {
      if meter.whileHelping(isWaiting: true, rejoin) || helps && help(rule) {
        spinning = Spin(budget: waitNanoseconds, yielding: crowded)
      } else if !spinning.again() {
        WorkerTeam.endIfForked()
        sleep(on: slot, rule: rule, helps: helps)
        spinning = Spin(budget: waitNanoseconds, yielding: crowded)
      }
    }
  }

  /// Sleeps until the job in `slot` is over or there is something to help with.
  private func sleep(on slot: SlotPointer, rule: HelpRule, helps: Bool) {
    let word = slot.pointee.parkWord
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    word.pointee.store(1, ordering: .sequentiallyConsistent)
    // Only now look again: who ends the job or posts work after this look sees the word.
    if !slot.isOver && !(helps && hasWork(rule)) { tri_futex_wait(word, 1) }
    word.pointee.store(0, ordering: .sequentiallyConsistent)
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }
}

/// Looking for work for a while. The clock is read seldom: it costs as much as the look.
struct Spin {
  private let budget: UInt64
  private let yielding: Bool
  private var rounds = 0
  private var start: UInt64 = 0

  init(budget: UInt64, yielding: Bool) {
    self.budget = budget
    self.yielding = yielding
  }

  /// Pauses once; false when the budget is spent.
  @inline(__always)
  mutating func again() -> Bool {
    if budget == 0 { return false }
    rounds += 1
    if yielding { tri_yield() } else { tri_cpu_pause() }
    guard rounds & 15 == 0 else { return true }
    let now = tri_nanoseconds()
    if start == 0 { start = now }
    return now - start < budget
  }
}
