import CTributaryKernels
import Synchronization
import TributaryParallel

/// Sums the contributions to one tensor's gradient in the order of their slots, while they arrive in any.
///
/// Up to 16 slots: left to right. More: runs of 16 consecutive slots, each left to right, whose sums a fixed
/// tree joins: neighbours (0,1), (2,3), …, level by level; a last one without a neighbour moves up. So a
/// wide fan-in is summed by several workers at once, and few contributions wait.
///
/// **Protocol of a run.** `state` holds a bit for each slot that is filled, the number of slots folded into
/// the sum, and a lock bit. A worker fills its slot, sets the slot's bit, and then, if the next slot to fold
/// is filled and nobody has the lock, takes it and folds as long as the next slot is filled. It gives the
/// lock back by a compare-and-swap from the very state it has dealt with; a bit that came meanwhile makes
/// that fail, and it goes on. A worker that brings a product when its slot is the next takes the lock without
/// filling the slot, and forms the product in the sum (`form`). So no filled slot is left behind, and nobody
/// waits. Who folds a contribution reports it (`deposit` returns how many), and only then does it count
/// towards the receiver's dependencies: a worker that leaves its slot to another reports nothing. Whoever
/// completes a run carries its sum up the tree, and of two that meet at a joint the later joins both, before
/// reporting. So when all contributions are reported, the sum stands.
package final class GradientFold: @unchecked Sendable {
  /// With the numbers that decide bits, in bits.h. At most 16: a run's state has a bit for each slot.
  private static let runLength = Int(tri_fan_in_run())

  // The atomic words and what they protect lie in arrays of their own: a change of one member of a struct
  // behind a pointer counts as an access to the whole of it, for the language and for the thread sanitizer.
  // SAFETY of all of them: cut from one allocation, initialized by `init`, freed by `deinit`; the indices are
  // below `slotCount`, `runCount` and, at joints, the number of joints, which is below `runCount`.

  /// By run. Bits 0–15: slots filled. Bits 16–20: slots folded. Bit 31: somebody is folding.
  private let states: UnsafeMutablePointer<Atomic<UInt32>>
  /// By run. Protected by the lock bit; after the run is complete, by the worker that completed it.
  private let sums: UnsafeMutablePointer<GradientSum>
  /// By joint, where two sums of a level of the tree meet: how many have come.
  private let arrivalsAtJoints: UnsafeMutablePointer<Atomic<UInt32>>
  /// By joint, left and right. Each written by one worker before it arrives; read by the second to arrive.
  private let halves: UnsafeMutablePointer<GradientSum>
  /// Each written by its producer before it sets the slot's bit; then the folder's.
  private let slots: UnsafeMutablePointer<Tensor?>

  private static let lockBit: UInt32 = 1 << 31

  private let slotCount: Int
  private let runCount: Int
  /// Written by the worker that completes the last run or joint, before it reports.
  private var total = GradientSum()
  /// For tests: the slots are handed out in order of arrival, from this counter, whatever is asked for.
  private let arrivals: Atomic<Int>
  private let isInArrivalOrder: Bool
  private let failureLock = SpinLock()
  /// The first addition's error. Protected by `failureLock`.
  private var failure: TensorError?

  package init(slotCount: Int, inArrivalOrder: Bool = false) {
    self.slotCount = slotCount
    isInArrivalOrder = inArrivalOrder
    arrivals = Atomic(0)
    runCount = (slotCount + Self.runLength - 1) / Self.runLength
    let joints = max(runCount - 1, 0)
    // Longest alignment first. One allocation: most folds are of two, one for each residual connection.
    let wide = MemoryLayout<GradientSum>.stride
    let (sumBytes, slotBytes) = (
      (runCount + 2 * joints) * wide, slotCount * MemoryLayout<Tensor?>.stride
    )
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: sumBytes + slotBytes + (runCount + joints) * 4,
      alignment: MemoryLayout<GradientSum>.alignment)
    sums = base.bindMemory(to: GradientSum.self, capacity: runCount)
    halves = (base + runCount * wide).bindMemory(to: GradientSum.self, capacity: 2 * joints)
    slots = (base + sumBytes).bindMemory(to: Tensor?.self, capacity: slotCount)
    let words = base + sumBytes + slotBytes
    states = words.bindMemory(to: Atomic<UInt32>.self, capacity: runCount)
    arrivalsAtJoints = (words + runCount * 4).bindMemory(to: Atomic<UInt32>.self, capacity: joints)
    sums.initialize(repeating: GradientSum(), count: runCount)
    halves.initialize(repeating: GradientSum(), count: 2 * joints)
    slots.initialize(repeating: nil, count: slotCount)
    for run in 0..<runCount { (states + run).initialize(to: Atomic(0)) }
    for joint in 0..<joints { (arrivalsAtJoints + joint).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.deinitialize(count: slotCount)
    sums.deinitialize(count: runCount)
    halves.deinitialize(count: 2 * max(runCount - 1, 0))
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
    let run = index / Self.runLength
    let base = index - index % Self.runLength
    let length = slotCount(ofRun: run)
    // Releasing: the slot's contents, for whoever folds it. Acquiring: the slots of the bits seen.
    var state = states[run].bitwiseOr(
      1 << UInt32(index - base), ordering: .acquiringAndReleasing
    ).newValue
    while true {
      let next = (state >> 16) & 31
      if state & Self.lockBit != 0 || next == length || state & (1 << next) == 0 { return 0 }
      // Acquiring: the sum as the last holder left it, and the slots of the bits seen.
      let (taken, found) = states[run].compareExchange(
        expected: state, desired: state | Self.lockBit, ordering: .acquiringAndReleasing)
      if taken { return fold(run, seen: state, next: next) }
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
        let folded = fold(run, seen: state, next: place + 1)
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
  private func fold(_ run: Int, seen: UInt32, next: UInt32) -> Int {
    let (base, length) = (run * Self.runLength, slotCount(ofRun: run))
    let first = (seen >> 16) & 31
    var next = next
    var state = seen | Self.lockBit
    while true {
      while next < length, state & (1 << next) != 0 {
        let slot = base + Int(next)
        combine { () throws(TensorError) in try sums[run].add(slots[slot]) }
        slots[slot] = nil
        next += 1
      }
      let isComplete = next == length
      let unlocked = (state & 0xffff) | next << 16
      // Releasing: the sum, for the next holder. Acquiring on failure: the slots of the bits that came.
      let (done, found) = states[run].compareExchange(
        expected: state, desired: unlocked, ordering: .acquiringAndReleasing)
      if done {
        if isComplete { carryUp(from: run) }
        return Int(next - first)
      }
      state = found
    }
  }

  /// How many slots a run has: the last may have fewer than others.
  private func slotCount(ofRun run: Int) -> UInt32 {
    UInt32(min(Self.runLength, slotCount - run * Self.runLength))
  }

  /// Carries a complete run's sum up the tree as far as its partners have come.
  private func carryUp(from run: Int) {
    var (sum, index, width, offset) = (take(&sums[run]), run, runCount, 0)
    while width > 1 {
      let parents = (width + 1) / 2
      if index ^ 1 < width {
        let joint = offset + index / 2
        halves[2 * joint + (index & 1)] = take(&sum)
        // Releasing: our half. Acquiring: the partner's.
        if arrivalsAtJoints[joint].wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue == 0 {
          return
        }
        sum = take(&halves[2 * joint])
        let right = take(&halves[2 * joint + 1])
        combine { () throws(TensorError) in try sum.join(right) }
      }
      offset += width / 2
      index /= 2
      width = parents
    }
    total = sum
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
