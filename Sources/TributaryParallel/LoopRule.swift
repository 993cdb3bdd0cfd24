/// How a loop is shared out: for the team's loops (`parallelFor`) and for those replayed in virtual time (`PassReplay`).
enum LoopRule {
  /// Less work than this, in nanoseconds, stays on the caller: handing it over costs about as much.
  private static let smallNanoseconds = 5_000.0
  /// A worker in a loop of less work than this is as good as one that looks for work.
  private static let briefNanoseconds = 50_000.0
  /// A loop of less work than this summons workers only when several came one after another.
  static let summoningNanoseconds = 20_000

  /// Whether the team runs the loop, and not its caller alone.
  @inline(__always)
  static func isShared(tiles: Int, nanosecondsPerTile: Double, width: Int) -> Bool {
    // Written so that an estimate that is no number leaves the work with the caller.
    tiles > 1 && width > 1 && Double(tiles) * nanosecondsPerTile >= smallNanoseconds
  }

  /// So short that whoever finds nothing else to do while it runs has hardly missed it.
  static func isOverBeforeHelp(tiles: Int, nanosecondsPerTile: Double) -> Bool {
    Double(tiles) * nanosecondsPerTile < Double(summoningNanoseconds)
  }

  /// So short that its workers count as searching all the while.
  static func isBrief(tiles: Int, nanosecondsPerTile: Double) -> Bool {
    Double(tiles) * nanosecondsPerTile < briefNanoseconds
  }

  /// How many tiles a claim takes: enough that claiming costs little, few enough that all share the end.
  static func chunk(tiles: Int, nanosecondsPerTile: Double, width: Int) -> Int {
    let cheap = 2_500 / max(nanosecondsPerTile, 1)
    return max(1, min(Int(min(cheap, 1e6)), tiles / (4 * width)))
  }

  /// Whether work of so many nanoseconds is worth a summons, with the sum of what was not before.
  static func summons(_ nanoseconds: Double, after small: Int) -> (now: Bool, small: Int) {
    if nanoseconds >= Double(summoningNanoseconds) { return (true, small) }
    // Also NaN, of which there is no whole number.
    guard nanoseconds > 0 else { return (false, small) }
    let sum = small + Int(nanoseconds)
    return sum >= summoningNanoseconds ? (true, 0) : (false, sum)
  }
}
