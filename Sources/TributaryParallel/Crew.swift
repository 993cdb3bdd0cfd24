import CTributaryShims
import Dispatch
import Synchronization

/// How many workers a team has summoned, and how many of those look for work, in one word: so that one
/// read tells a poster whether anybody will see what it posted, and a worker leaves both counts at once.
struct Crew {
  var word: UInt64

  /// Workers that have arrived and have nothing to do: they will see what is posted.
  var searching: Int { Int(word & 0xfffff) }
  /// Workers on libdispatch's threads, summoned or arrived.
  var dispatched: Int { Int(word >> 20 & 0xfffff) }
  /// Workers on threads of their own, started or arrived.
  var threads: Int { Int(word >> 40) }

  static let oneSearching: UInt64 = 1
  static let oneDispatched: UInt64 = 1 << 20
  static let oneThread: UInt64 = 1 << 40
}

/// One call of `concurrentPerform`, whose iterations are workers.
///
/// With fewer threads than iterations libdispatch runs several iterations after one another on one thread;
/// once one of them has looked for work in vain, the later ones need not spin again.
final class Summons: Sendable {
  // Relaxed: a worker that misses it spins for one budget more.
  let expired = Atomic<Bool>(false)
}

extension WorkerTeam {
  /// How many workers have been summoned and have not left; some may not have arrived yet.
  package var workersPresent: Int {
    let crew = Crew(word: crewWord.load(ordering: .sequentiallyConsistent))
    return crew.dispatched + crew.threads
  }

  /// Whether the caller runs a node of a pass while all others have work too: a loop would be opened for nobody.
  var isBusyInPass: Bool {
    guard tri_parallel().pointee.pass != nil else { return false }
    // Relaxed, both: hints. Who has just become idle misses a loop that is shorter than what it looks for.
    let crew = Crew(word: crewWord.load(ordering: .relaxed))
    return crew.searching == 0 && crew.dispatched + crew.threads >= width - 1
      && idleOpeners.load(ordering: .relaxed) == 0
  }

  /// Tells the team that there is work for `items` more threads. Called after the work can be seen.
  ///
  /// - Parameter pass: the work is ready nodes of this pass; nil: tiles of a loop.
  func announce(
    _ items: Int, pass: UnsafeMutablePointer<PassRecord>?, nanoseconds: Double = .infinity
  ) {
    // Sequentially consistent: see SCHEDULER.md, "Memory ordering".
    let crew = Crew(word: crewWord.load(ordering: .sequentiallyConsistent))
    var wanted = items - crew.searching
    if wanted <= 0 { return }
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      wanted -= wakeSleepers(wanted, pass: pass)
      if wanted <= 0 { return }
    }
    if crew.dispatched + crew.threads < width - 1, worthSummoning(nanoseconds) { summon(wanted) }
  }

  /// Summoning costs the client some microseconds and a worker its spin budget: a loop of less than this
  /// does so only when several came one after another.
  private func worthSummoning(_ nanoseconds: Double) -> Bool {
    // A poster of nodes writes no shared word.
    if nanoseconds >= Double(LoopRule.summoningNanoseconds) { return true }
    guard nanoseconds > 0 else { return false }
    // Relaxed: a lost update delays a summons.
    let found = LoopRule.summons(nanoseconds, after: smallWork.load(ordering: .relaxed))
    smallWork.store(found.small, ordering: .relaxed)
    return found.now
  }

  /// Starts up to `wanted` of the workers that are away. Never waits for them.
  func summon(_ wanted: Int) {
    var seen = crewWord.load(ordering: .sequentiallyConsistent)
    var dispatched = 0
    var threads = 0
    while true {
      let crew = Crew(word: seen)
      dispatched = min(wanted, dispatchedLimit - crew.dispatched)
      threads = min(wanted - dispatched, width - 1 - dispatchedLimit - crew.threads)
      if dispatched + threads <= 0 { return }
      let desired =
        seen + UInt64(dispatched) * Crew.oneDispatched + UInt64(threads) * Crew.oneThread
      let (done, now) = crewWord.compareExchange(
        expected: seen, desired: desired, ordering: .sequentiallyConsistent)
      if done { break }
      seen = now
    }
    tri_fork_note_workers()
    unpinned { start(dispatched: dispatched, threads: threads) }
  }

  private func start(dispatched: Int, threads: Int) {
    if dispatched > 0 {
      let summons = Summons()
      // A serial queue of its own: its thread is one more, where a global queue has a thread for each core, on which
      // Swift's tasks start; a worker there took one away as long as a pass lasted. (On Linux the helpers of
      // `concurrentPerform` are threads of the default class, whatever the caller's: two fewer than there are cores,
      // so that tasks of that class keep a thread, and one more where the client is not a task itself.)
      DispatchQueue(label: "tributary.workers", qos: .userInitiated).async {
        DispatchQueue.concurrentPerform(iterations: dispatched) { _ in
          self.reside(as: Crew.oneDispatched, summons: summons)
        }
      }
    }
    for _ in 0..<threads
    where !startThread({ self.reside(as: Crew.oneThread, summons: Summons()) }) {
      crewWord.wrappingSubtract(Crew.oneThread, ordering: .sequentiallyConsistent)
    }
  }

  /// Wakes up to `count` openers that sleep and may do this work.
  private func wakeSleepers(_ count: Int, pass: UnsafeMutablePointer<PassRecord>?) -> Int {
    var woken = 0
    if let pass {
      // The caller runs a node of `pass`, so its ancestors are open.
      var ancestor: UnsafeMutablePointer<PassRecord>? = pass
      var level = 0
      while let record = ancestor, woken < count, level < WorkerTeam.kinshipLimit {
        if slots[record.pointee.slot].wakeOpener() { woken += 1 }
        ancestor = record.pointee.parent
        level += 1
      }
      return woken
    }
    _ = forEachUsedSlot { slot in
      if slot.wakeOpener() { woken += 1 }
      return woken >= count
    }
    return woken
  }
}
