import CTributaryShims

/// A loop as a thread opened it inside a node that is being traced.
package struct LoopRecord: Sendable {
  /// The node's number in its pass.
  package let node: Int32
  package let tiles: Int
  /// As the opener estimated it.
  package let nanosecondsPerTile: Double
  /// By the clock.
  package let start: UInt64
  package let end: UInt64
}

/// What one contribution to a sum of gradients took the thread that brought it: its own addition, others that waited
/// for it, or none.
package struct FoldRecord: Sendable {
  /// The number of the edge in the pass.
  package let edge: Int
  package let nanoseconds: Int
}

/// The loops that one worker number opened in one traced pass, whether or not others helped: also those that stayed
/// on their caller, for a pass recorded on one thread tells how it would run on more.
///
/// Written only by the thread that holds the number, which finds the log through a word of its own
/// (`tri_parallel_state.loop_log`); read when the pass is over.
package struct LoopLog {
  package private(set) var records: [LoopRecord] = []
  package private(set) var folds: [FoldRecord] = []
  /// While a contribution is folded: its loops are part of the fold.
  private var isFolding = false
  /// The node that the thread runs now.
  package var node: Int32 = -1

  package init() {}

  /// Runs `deposit`, a contribution that comes along `edge`, and writes down what it took where a pass is being traced.
  @inline(__always)
  package static func fold(along edge: Int, _ deposit: () -> Int) -> Int {
    guard let word = tri_parallel().pointee.loop_log else { return deposit() }
    return recordFold(along: edge, in: word, deposit)
  }

  @inline(never)
  private static func recordFold(
    along edge: Int, in word: UnsafeMutableRawPointer, _ deposit: () -> Int
  ) -> Int {
    // SAFETY: as in `record`.
    let log = word.assumingMemoryBound(to: LoopLog.self)
    log.pointee.isFolding = true
    let start = tri_nanoseconds()
    let folded = deposit()
    let took = Int(tri_nanoseconds() - start)
    log.pointee.isFolding = false
    log.pointee.folds.append(FoldRecord(edge: edge, nanoseconds: took))
    return folded
  }

  /// Runs `loop`, and writes it down in the calling thread's log, which there must be.
  @inline(never)
  static func record(tiles: Int, nanosecondsPerTile: Double, _ loop: () -> Void) {
    guard let word = tri_parallel().pointee.loop_log else { return loop() }
    // SAFETY: whoever set the word to a log keeps the log until it has taken the word back, on this thread.
    let log = word.assumingMemoryBound(to: LoopLog.self)
    if log.pointee.isFolding { return loop() }
    let start = tri_nanoseconds()
    loop()
    let end = tri_nanoseconds()
    log.pointee.records.append(
      LoopRecord(
        node: log.pointee.node, tiles: tiles, nanosecondsPerTile: nanosecondsPerTile, start: start,
        end: end))
  }
}
