import CTributaryShims
import Synchronization

extension WorkerTeam {
  /// Takes a free slot, if it can be the one that the thread used last, which lies in its cache; nil if
  /// every one holds an open job.
  func claimSlot() -> Int? {
    let first = Int(tri_parallel().pointee.slot)
    for step in 0..<WorkerTeam.slotCount {
      let index = (first + step) % WorkerTeam.slotCount
      let slot = slots[index]
      if slot.pointee.taken.load(ordering: .relaxed)
        || slot.pointee.taken.exchange(true, ordering: .acquiring)
      {
        continue
      }
      tri_parallel().pointee.slot = Int32(index)
      let bit: UInt64 = 1 << UInt64(index % 64)
      // Acquiring: where another thread set the bit, that comes before this opener's `openSlot`, so that a sleeper
      // who misses the bit has looked before the slot was opened (SCHEDULER.md, "Why no wake-up is lost").
      if usedSlots[index / 64].load(ordering: .acquiring) & bit == 0 {
        usedSlots[index / 64].bitwiseOr(bit, ordering: .sequentiallyConsistent)
      }
      return index
    }
    return nil
  }

  /// Gives back a slot whose job is over.
  func releaseSlot(_ index: Int) {
    slots[index].pointee.taken.store(false, ordering: .releasing)
  }

  /// Opens the job that was written into a claimed slot, with the opener as its first participant.
  func openSlot(_ slot: SlotPointer) {
    let generation = (slot.pointee.state.load(ordering: .relaxed) >> 32) &+ 1
    slot.pointee.state.store(generation << 32 | 1, ordering: .sequentiallyConsistent)
  }

  /// Calls `visit` for each slot that may hold a job until it returns true; returns whether it did.
  @inline(__always)
  func forEachUsedSlot(_ visit: (SlotPointer) -> Bool) -> Bool {
    for word in 0..<WorkerTeam.slotWords {
      var bits = usedSlots[word].load(ordering: .sequentiallyConsistent)
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        bits &= bits - 1
        if visit(slots[word * 64 + bit]) { return true }
      }
    }
    return false
  }

  /// Takes a free worker number from 1 up. There is always one: no more workers are summoned than there
  /// are numbers, and a number is given back before its worker is counted out.
  func claimNumber() -> Int {
    while true {
      for word in 0..<(width + 63) / 64 {
        var seen = usedNumbers[word].load(ordering: .relaxed)
        while seen != .max {
          let bit = (~seen).trailingZeroBitCount
          if word * 64 + bit >= width { break }
          // Acquire and release hand the number's queues from worker to worker.
          let (done, now) = usedNumbers[word].compareExchange(
            expected: seen, desired: seen | 1 << UInt64(bit), successOrdering: .acquiring,
            failureOrdering: .relaxed)
          if done { return word * 64 + bit }
          seen = now
        }
      }
    }
  }

  func releaseNumber(_ number: Int) {
    usedNumbers[number / 64].bitwiseAnd(~(1 << UInt64(number % 64)), ordering: .releasing)
  }
}
