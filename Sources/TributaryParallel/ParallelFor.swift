import CTributaryShims
import Synchronization

/// Runs `body` over the tiles `0 ..< tiles`, on the current team if that pays.
///
/// `body` gets ranges that together cover each tile once, from any thread, in any order; so a tile must
/// not read what another writes. Under about 5 µs of work, with one tile, in a team of one, or under 20 µs within a node
/// while all others have work, the caller runs `body(0 ..< tiles)` without a hand-off. With several NUMA nodes tile t is
/// offered first to the workers of node ⌊t · nodes / tiles⌋. The body must not take locks nor call user code: a
/// thread that waits for one loop runs tiles of others.
///
/// - Parameter order: which tiles a worker takes first on a single node.
package func parallelFor(
  tiles: Int, nanosecondsPerTile: Double, order: TileOrder = .inParts, body: (Range<Int>) -> Void
) {
  WorkerTeam.currentReference._withUnsafeGuaranteedRef {
    parallelFor(
      tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, order: order, on: $0, body: body)
  }
}

/// The same on a team of the caller's choice.
package func parallelFor(
  tiles: Int, nanosecondsPerTile: Double, order: TileOrder = .inParts, on team: WorkerTeam,
  body: (Range<Int>) -> Void
) {
  if tiles <= 0 { return }
  if tri_parallel().pointee.loop_log != nil {
    LoopLog.record(tiles: tiles, nanosecondsPerTile: nanosecondsPerTile) {
      runTiles(tiles, nanosecondsPerTile, order, team, body)
    }
  } else {
    runTiles(tiles, nanosecondsPerTile, order, team, body)
  }
}

@inline(__always)
private func runTiles(
  _ tiles: Int, _ nanosecondsPerTile: Double, _ order: TileOrder, _ team: WorkerTeam,
  _ body: (Range<Int>) -> Void
) {
  if LoopRule.isShared(tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, width: team.width),
    !LoopRule.isOverBeforeHelp(tiles: tiles, nanosecondsPerTile: nanosecondsPerTile)
      || !team.isBusyInPass
  {
    team.runLoop(tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, order: order, body: body)
  } else {
    withStandardFloatingPoint { body(0..<tiles) }
  }
}

/// The twin, on the current team, for bodies that throw: the error is that of the lowest tile that throws, in every run.
///
/// A body that throws must do so at the first bad tile of its range, in ascending order. Tiles above one
/// that threw may not run; those below do.
package func parallelForThrowing<E: Error>(
  tiles: Int, nanosecondsPerTile: Double, order: TileOrder = .inParts,
  body: (Range<Int>) throws(E) -> Void
) throws(E) {
  // Ranges are disjoint and in order, so the lowest range that fails holds the lowest tile that does.
  let lowest = Atomic<Int>(.max)  // Relaxed: only saves work that is not needed any more.
  let lock = SpinLock()
  nonisolated(unsafe) var failure: (start: Int, error: E)?  // Guarded by `lock`.
  parallelFor(tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, order: order) { range in
    if range.lowerBound > lowest.load(ordering: .relaxed) { return }
    do throws(E) { try body(range) } catch {
      lowest.min(range.lowerBound, ordering: .relaxed)
      lock.lock()
      if range.lowerBound < failure?.start ?? .max { failure = (range.lowerBound, error) }
      lock.unlock()
    }
  }
  if let failure { throw failure.error }
}

/// Runs `body(0) … body(count - 1)`, coarse tasks of unknown cost. Each worker has its part of them first (`BranchPlace`),
/// the same in every run, and then takes of others'.
///
/// A task may open loops and run passes. After an error at index p lower ones still run and higher ones
/// do not start; the outcome holds the error of the lowest index.
package func concurrentRun(
  count: Int, on team: WorkerTeam, options: PassOptions = PassOptions(),
  body: (_ index: Int) throws -> Void
) -> PassOutcome {
  var options = options
  if case .none = options.places { options.places = .inOrder(of: count) }
  return DependencyScheduler.run(
    count: count, dependencies: nil, priorities: nil, on: team, options: options
  ) { index, _ in try body(index) }
}

extension WorkerTeam {
  func runLoop(
    tiles: Int, nanosecondsPerTile: Double, order: TileOrder, body: (Range<Int>) -> Void
  ) {
    withStandardFloatingPoint {
      guard !WorkerTeam.poisonedByFork, let index = claimSlot() else { return body(0..<tiles) }
      let slot = slots[index]
      tri_thread().pointee.depth += 1
      withoutActuallyEscaping(body) { escapable in
        withUnsafePointer(to: escapable) { pointer in
          // SAFETY: participants read the closure through this pointer, and `wait` returns only when
          // there is none left.
          slot.pointee.loopBody = UnsafeRawPointer(pointer)
          let chunk = LoopRule.chunk(
            tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, width: width)
          slot.pointee.chunk = chunk
          slot.pointee.isBrief = LoopRule.isBrief(
            tiles: tiles, nanosecondsPerTile: nanosecondsPerTile)
          slot.pointee.kind.store(.loop, ordering: .relaxed)
          // The caller's first claim is made here, where it costs nothing.
          let parts = parts(of: tiles, order, in: slot)
          slot.pointee.parts = parts
          let own = partOfThread(in: slot)
          var (first, next) = (0..<0, 0)
          for part in 0..<parts {
            let end =
              part + 1 == parts
              ? tiles : Topology.firstTile(ofNode: part + 1, of: tiles, nodes: parts)
            if part == own {
              first = next..<min(next + chunk, end)
              next = first.upperBound
            }
            let counter = slot.counter(part)
            counter.pointee.next.store(next, ordering: .relaxed)
            counter.pointee.end.store(end, ordering: .relaxed)
            next = end
          }
          openSlot(slot)
          announce(
            min(tiles, width) - 1, pass: nil, nanoseconds: Double(tiles) * nanosecondsPerTile)
          if !first.isEmpty { body(first) }
          runTiles(of: slot, once: false)
          if !slot.leave() { wait(for: slot, rule: .tiles) }
        }
      }
      tri_thread().pointee.depth -= 1
      releaseSlot(index)
    }
  }

  /// Claims and runs tiles of the loop in `slot`, which the caller has joined, own part first; only one
  /// claim if `once`.
  @inline(never)
  func runTiles(of slot: SlotPointer, once: Bool) {
    guard let raw = slot.pointee.loopBody else { return }
    // SAFETY: the opener stored a pointer to a closure of this type. One copy, and so one retain, for
    // all claims.
    let body = raw.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee
    let chunk = slot.pointee.chunk
    let parts = slot.pointee.parts
    var part = partOfThread(in: slot)
    for _ in 0..<parts {
      let counter = slot.counter(part)
      let end = counter.pointee.end.load(ordering: .relaxed)
      // The look before the claim keeps the counter from running away.
      while counter.pointee.next.load(ordering: .relaxed) < end {
        let start = counter.pointee.next.wrappingAdd(chunk, ordering: .relaxed).oldValue
        if start >= end { break }
        body(start..<min(start + chunk, end))
        if once { return }
      }
      part = part + 1 == parts ? 0 : part + 1
    }
  }

  /// Into how many parts those of a loop in `slot` are dealt. Counters of others say that nothing is left, as a loop leaves
  /// them.
  private func parts(of tiles: Int, _ order: TileOrder, in slot: SlotPointer) -> Int {
    if slot.pointee.nodes > 1 { return slot.pointee.nodes }
    return order == .together ? 1 : min(slot.pointee.mostParts, tiles)
  }

  /// The part of a loop's tiles that the calling thread takes first.
  @inline(__always)
  private func partOfThread(in slot: SlotPointer) -> Int {
    if slot.pointee.nodes > 1 { return nodeOfThread }
    // A worker of another team may have a larger number.
    return min(Int(tri_thread().pointee.worker), width - 1) * slot.pointee.parts / width
  }

  /// The index of the node that runs the calling thread.
  var nodeOfThread: Int {
    let pinned = Int(tri_parallel().pointee.node)
    if pinned > 0, pinned <= topology.nodes.count { return pinned - 1 }
    let core = Int(tri_current_core())
    return nodeOfCore.indices.contains(core) ? nodeOfCore[core] : 0
  }
}
