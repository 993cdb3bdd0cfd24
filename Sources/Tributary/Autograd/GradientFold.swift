import CTributaryKernels
import Synchronization
import TributaryParallel

/// Sums the contributions to one tensor's gradient in the order of their slots, while they arrive in any.
///
/// Up to 16 slots: left to right. More: runs of 16 consecutive slots, each left to right; the runs' sums are the slots
/// of the level above, and summed likewise. So a wide fan-in is summed by several workers at once, few contributions
/// wait, and one worker that brings them in order holds a sum for each level. (Neighbours joined in pairs, level by level,
/// held one for each doubling.)
///
/// **Protocol of a run.** `state` holds a bit for each slot that is filled, the number of slots folded into
/// the sum, and a lock bit. A worker fills its slot, sets the slot's bit, and then, if the next slot to fold
/// is filled and nobody has the lock, takes it and folds as long as the next slot is filled. It gives the
/// lock back by a compare-and-swap from the very state it has dealt with; a bit that came meanwhile makes
/// that fail, and it goes on. A worker that brings a product when its slot is the next takes the lock without
/// filling the slot, and forms the product in the sum (`form`). So no filled slot is left behind, and nobody
/// waits. Who folds a contribution reports it (`deposit` returns how many), and only then does it count
/// towards the receiver's dependencies: a worker that leaves its slot to another reports nothing. Whoever
/// completes a run fills with its sum a slot of the level above, by the same protocol, before reporting. A slot up there
/// is left to somebody who folds there or has yet to complete an earlier run, and has not reported. So when all
/// contributions are reported, the sum stands.
package final class GradientFold: @unchecked Sendable {
  /// With the numbers that decide bits, in bits.h. At most 16: a run's state has a bit for each slot.
  private static let runLength = Int(tri_fan_in_run())

  // The atomic words and what they protect lie in arrays of their own: a change of one member of a struct
  // behind a pointer counts as an access to the whole of it, for the language and for the thread sanitizer.
  // SAFETY of all of them: cut from one allocation, initialized by `init`, freed by `deinit`; the indices are
  // below `slotCount`, `runCount` and `runCount - 1`.

  /// By run, level after level. Bits 0–15: slots filled. Bits 16–20: slots folded. Bit 31: somebody is folding.
  private let states: UnsafeMutablePointer<Atomic<UInt32>>
  /// By run. Protected by the lock bit; after the run is complete, by the worker that completed it.
  private let sums: UnsafeMutablePointer<GradientSum>
  /// The slots of the levels above the lowest. Each written by who completed the run before it sets the slot's bit; then
  /// the folder's.
  private let carried: UnsafeMutablePointer<GradientSum>
  /// Each written by its producer before it sets the slot's bit; then the folder's.
  private let slots: UnsafeMutablePointer<Tensor?>

  private static let lockBit: UInt32 = 1 << 31

  private let slotCount: Int
  /// Of all levels.
  private let runCount: Int
  /// Written by the worker that completes the highest run, before it reports.
  private var total = GradientSum()
  /// For tests: the slots are handed out in order of arrival, from this counter, whatever is asked for.
  private let arrivals: Atomic<Int>
  private let isInArrivalOrder: Bool
  private let failureLock = SpinLock()
  /// The first addition's error. Protected by `failureLock`.
  private var failure: TensorError?

  private struct Level {
    let slotCount: Int
    /// Where its runs and, but for the lowest, its slots begin.
    var firstRun = 0
    var firstSlot = 0
    var isLowest = true

    var runCount: Int { (slotCount + runLength - 1) / runLength }
    /// How many slots a run has: the last may have fewer than others.
    func length(ofRun run: Int) -> UInt32 { UInt32(min(runLength, slotCount - run * runLength)) }

    /// Whose slots are this one's runs; nil of the highest.
    var above: Level? {
      if runCount <= 1 { return nil }
      return Level(
        slotCount: runCount, firstRun: firstRun + runCount,
        firstSlot: isLowest ? 0 : firstSlot + slotCount, isLowest: false)
    }
  }

  private var lowest: Level { Level(slotCount: slotCount) }

  package init(slotCount: Int, inArrivalOrder: Bool = false) {
    self.slotCount = slotCount
    isInArrivalOrder = inArrivalOrder
    arrivals = Atomic(0)
    var highest = Level(slotCount: slotCount)
    while let above = highest.above { highest = above }
    let runs = highest.firstRun + highest.runCount
    runCount = runs
    // Longest alignment first. One allocation: most folds are of two, one for each residual connection.
    let wide = MemoryLayout<GradientSum>.stride
    let carriedCount = max(runs - 1, 0)
    let (sumBytes, slotBytes) = (
      (runs + carriedCount) * wide, slotCount * MemoryLayout<Tensor?>.stride
    )
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: sumBytes + slotBytes + runs * 4, alignment: MemoryLayout<GradientSum>.alignment)
    sums = base.bindMemory(to: GradientSum.self, capacity: runs)
    carried = (base + runs * wide).bindMemory(to: GradientSum.self, capacity: carriedCount)
    slots = (base + sumBytes).bindMemory(to: Tensor?.self, capacity: slotCount)
    states = (base + sumBytes + slotBytes).bindMemory(to: Atomic<UInt32>.self, capacity: runs)
    sums.initialize(repeating: GradientSum(), count: runs)
    carried.initialize(repeating: GradientSum(), count: carriedCount)
    slots.initialize(repeating: nil, count: slotCount)
    for run in 0..<runs { (states + run).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.deinitialize(count: slotCount)
    sums.deinitialize(count: runCount)
    carried.deinitialize(count: max(runCount - 1, 0))
    // The beginning of the one allocation.
    UnsafeMutableRawPointer(sums).deallocate()
  }

  /// The sum, nil where no contribution was defined. Called once all contributions are reported.
  package func take() throws(TensorError) -> Tensor? {
    // No lock: everything is reported, so nobody adds any more.
    if let failure { throw failure }
    defer { total = GradientSum() }
    return total.value
  }

  /// The sum, left where it is. As ``take()``: called once all contributions are reported.
  var completed: Tensor? { total.value }

  /// Fills slot `slot`; returns how many contributions this call has folded.
  package func deposit(_ value: Tensor?, at slot: Int) -> Int {
    // Relaxed: the run's state hands the slot over.
    let index =
      isInArrivalOrder ? arrivals.wrappingAdd(1, ordering: .relaxed).oldValue : slot
    slots[index] = value
    return arrive(at: index, lowest)
  }

  /// Slot `slot` of a level has been filled; returns how many of its slots this call has folded.
  private func arrive(at slot: Int, _ level: Level) -> Int {
    let run = slot / Self.runLength
    let length = level.length(ofRun: run)
    let word = states + (level.firstRun + run)
    // Releasing: the slot's contents, for whoever folds it. Acquiring: the slots of the bits seen.
    var state = word.pointee.bitwiseOr(
      1 << UInt32(slot % Self.runLength), ordering: .acquiringAndReleasing
    ).newValue
    while true {
      let next = (state >> 16) & 31
      if state & Self.lockBit != 0 || next == length || state & (1 << next) == 0 { return 0 }
      // Acquiring: the sum as the last holder left it, and the slots of the bits seen.
      let (taken, found) = word.pointee.compareExchange(
        expected: state, desired: state | Self.lockBit, ordering: .acquiringAndReleasing)
      if taken { return fold(run, level, seen: state, next: next) }
      state = found
    }
  }

  /// Forms `product` in the sum where `slot` is the next to be folded and nobody folds; returns how many contributions
  /// this call has folded. Nil where it is not that slot's turn: then the caller forms the product and deposits it, so
  /// that workers whose contributions wait for one another multiply at the same time.
  ///
  /// Throws where the product cannot be formed, for whoever forms it makes it: the error is the producer's.
  package func form(_ product: ProductGradient, at slot: Int) throws(TensorError) -> Int? {
    let run = slot / Self.runLength
    let place = UInt32(slot % Self.runLength)
    // Relaxed: the lock's taking acquires.
    var state = states[run].load(ordering: .relaxed)
    while !isInArrivalOrder, state & Self.lockBit == 0, (state >> 16) & 31 == place {
      // Acquiring: the sum as the last holder left it, and the slots of the bits seen.
      let (taken, found) = states[run].compareExchange(
        expected: state, desired: state | Self.lockBit, ordering: .acquiring)
      if taken {
        var failure: TensorError?
        do throws(TensorError) {
          if let formed = try sums[run].form(product) {
            combine { () throws(TensorError) in try sums[run].add(formed: formed) }
          }
        } catch {
          failure = error
        }
        let folded = fold(run, lowest, seen: state, next: place + 1)
        // What others left here is not reported then. The receiver stands behind the producer in serial order, and is
        // not run after its error.
        if let failure { throw failure }
        return folded
      }
      state = found
    }
    return nil
  }

  /// Folds what can be folded of a run whose lock the caller has just taken, and of which it has folded the slots before
  /// `next`.
  private func fold(_ run: Int, _ level: Level, seen: UInt32, next: UInt32) -> Int {
    let (base, length) = (run * Self.runLength, level.length(ofRun: run))
    let word = states + (level.firstRun + run)
    let first = (seen >> 16) & 31
    var next = next
    var state = seen | Self.lockBit
    while true {
      while next < length, state & (1 << next) != 0 {
        add(slot: base + Int(next), toRun: run, level)
        next += 1
      }
      let isComplete = next == length
      let unlocked = (state & 0xffff) | next << 16
      // Releasing: the sum, for the next holder. Acquiring on failure: the slots of the bits that came.
      let (done, found) = word.pointee.compareExchange(
        expected: state, desired: unlocked, ordering: .acquiringAndReleasing)
      if done {
        if isComplete { carryUp(run, level) }
        return Int(next - first)
      }
      state = found
    }
  }

  private func add(slot: Int, toRun run: Int, _ level: Level) {
    let sum = sums + (level.firstRun + run)
    if level.isLowest {
      combine { () throws(TensorError) in try sum.pointee.add(slots[slot]) }
      slots[slot] = nil
    } else {
      let next = take(&carried[level.firstSlot + slot])
      combine { () throws(TensorError) in try sum.pointee.join(next) }
    }
  }

  /// Gives a complete run's sum to the level above.
  private func carryUp(_ run: Int, _ level: Level) {
    guard let above = level.above else {
      total = take(&sums[level.firstRun])
      return
    }
    carried[above.firstSlot + run] = take(&sums[level.firstRun + run])
    _ = arrive(at: run, above)
  }

  /// Adding can run out of memory. Contributions are counted all the same, and the error is thrown by the
  /// receiver, whose place in serial order does not depend on who happened to fold.
  private func combine(_ add: () throws(TensorError) -> Void) {
    do { try add() } catch {
      failureLock.lock()
      failure = failure ?? error
      failureLock.unlock()
    }
  }

  /// Moves a sum out: a second reference to its tensor would forbid adding in place.
  private func take(_ sum: inout GradientSum) -> GradientSum {
    let taken = sum
    sum = GradientSum()
    return taken
  }
}
