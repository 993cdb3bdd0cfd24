import CTributaryShims
import Synchronization

extension WorkerTeam {
  /// The life of a worker: looks for work, spins for the budget, leaves. `kind` is what `summon` counted.
  func reside(as kind: UInt64, summons: Summons) {
    let number = claimNumber()
    residing(number) {
      crewWord.wrappingAdd(Crew.oneSearching, ordering: .sequentiallyConsistent)
      // Relaxed: see `Summons`.
      let budget = summons.expired.load(ordering: .relaxed) ? 0 : spinNanoseconds
      var spin = Spin(budget: budget, yielding: crowded)
      while true {
        if help(.anything) {
          spin = Spin(budget: spinNanoseconds, yielding: crowded)
        } else if !spin.again() {
          // Only now look again: who posts after this look sees that nobody searches.
          crewWord.wrappingSubtract(Crew.oneSearching, ordering: .sequentiallyConsistent)
          if !hasWork(.anything) { break }
          crewWord.wrappingAdd(Crew.oneSearching, ordering: .sequentiallyConsistent)
        }
      }
      summons.expired.store(true, ordering: .relaxed)
    }
    releaseNumber(number)
    crewWord.wrappingSubtract(kind, ordering: .sequentiallyConsistent)
    // Who posted since the last look saw a full team in which nobody searches.
    if nobodySearches { seeToWork() }
  }

  private var nobodySearches: Bool {
    Crew(word: crewWord.load(ordering: .sequentiallyConsistent)).searching == 0
  }

  /// A searching worker has joined a job. If it was the last, somebody else must see to other work.
  func stopSearching(for slot: SlotPointer) {
    let crew = Crew(
      word: crewWord.wrappingSubtract(Crew.oneSearching, ordering: .sequentiallyConsistent).newValue
    )
    // Where all are here and none sleeps there is nobody to tell.
    if crew.searching == 0,
      sleepers.load(ordering: .sequentiallyConsistent) > 0
        || crew.dispatched + crew.threads < width - 1
    {
      seeToWork(except: slot)
    }
  }

  /// Gets somebody for work that was posted to threads which have since found other work: the sleeping opener of a pass
  /// with ready nodes, else one more worker.
  private func seeToWork(except skipped: SlotPointer? = nil) {
    guard hasWork(.anything, except: skipped) else { return }
    let wokeOpener = forEachUsedSlot { slot in
      slot != skipped && slot.pointee.kind.load(ordering: .relaxed) == .pass
        && slot.hasNodes(in: queueCount) && slot.wakeOpener()
    }
    if !wokeOpener { summon(1) }
  }

  /// Makes the thread worker `number` for the time of `body`: thread words, floating point, affinity.
  private func residing(_ number: Int, _ body: () -> Void) {
    let thread = tri_thread()
    let parallel = tri_parallel()
    let (team, worker) = (thread.pointee.team, thread.pointee.worker)
    thread.pointee.team = Unmanaged.passUnretained(self).toOpaque()
    thread.pointee.worker = Int32(number)
    withStandardFloatingPoint {
      if topology.nodes.count > 1 {
        let node = nodeOfWorker[number]
        let mask = AffinityMask.ofThread()
        let pinned = AffinityMask(cores: topology.nodes[node].cores).apply()
        // Where that is refused the thread goes by the core that it happens to be on.
        if pinned { parallel.pointee.node = Int32(node + 1) }
        body()
        parallel.pointee.node = 0
        if pinned { _ = mask?.apply() }
      } else {
        body()
      }
    }
    thread.pointee.team = team
    thread.pointee.worker = worker
  }

  /// Runs `body`, which starts threads, under the mask of the process where the thread is pinned: threads
  /// inherit their creator's mask, and libdispatch's live on for other work.
  func unpinned(_ body: () -> Void) {
    guard tri_parallel().pointee.node > 0, let pinned = AffinityMask.ofThread(),
      AffinityMask.ofProcess?.apply() == true
    else { return body() }
    body()
    _ = pinned.apply()
  }
}
