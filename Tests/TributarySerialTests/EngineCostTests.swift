import Foundation
import Testing
import TestTools
import Tributary
import TributaryParallel
import TributaryWorkloads

/// What the parallel engine costs where it gains nothing. Prints the figures of docs/performance.md;
/// `TRIBUTARY_MEASURE=1` turns it on. Times are never asserted.
@Suite(.serialized, .enabled(if: getenv("TRIBUTARY_MEASURE") != nil)) @OneThread
struct EngineCostTests {
  /// Nanoseconds of the backward passes of `count` steps.
  private func backward(
    _ workload: Workload, _ count: Int, _ run: (Tensor) throws -> Void
  ) throws -> Double {
    var sum: UInt64 = 0
    for _ in 0..<count {
      let loss = try workload.record()
      let start = nanosecondsNow()
      try run(loss)
      sum += nanosecondsNow() - start
    }
    return Double(sum)
  }

  /// The quartiles of `one` ÷ `other`, timed in turn.
  private func ratio(_ one: () throws -> Double, to other: () throws -> Double) rethrows -> String {
    _ = (try one(), try other())
    let ratios = try (0..<41).map { round in
      // Whoever goes second finds the caches as the first left them.
      if round % 2 == 0 { return try one() / other() }
      let second = try other()
      return try one() / second
    }.sorted()
    return [20, 10, 30].map { String(format: "%.3f", ratios[$0]) }.joined(separator: " ")
  }

  @Test func oneThreadAgainstTheSerialEngine() throws {
    for (name, steps) in [
      ("tutorial", 1_000), ("chain", 1), ("towers", 2), ("fan_in", 1), ("wide_towers", 1),
    ] {
      let workload = try #require(try Workload.named(name))
      let found = try withThreads(1) {
        try ratio {
          try backward(workload, steps) { try $0.backward() }
        } to: {
          try backward(workload, steps) { try SerialEngine.backward([$0]) }
        }
      }
      print("\(name): engine on one thread ÷ SerialEngine: median, quartiles \(found)")
    }
  }

  @Test func twoThreadsWhereOneIsEnough() throws {
    for (name, steps) in [("tutorial", 1_000), ("chain", 1)] {
      let workload = try #require(try Workload.named(name))
      func run(_ width: Int) throws -> Double {
        try withThreads(width) { try backward(workload, steps) { try $0.backward() } }
      }
      let found = try ratio {
        try run(2)
      } to: {
        try run(1)
      }
      print("\(name): two threads ÷ one: median, quartiles \(found)")
    }
  }

  /// The decision is made for graphs of several nodes and a team of several threads. The longest paths that it asks
  /// for come from the walk, at a maximum for each edge.
  @Test func theDecision() throws {
    // What lies between two readings of the clock is longer by one reading.
    let clock = (0..<1_000).map { _ in
      let start = nanosecondsNow()
      return Int(nanosecondsNow() - start)
    }.sorted()[500]
    for (name, steps) in [("tutorial", 1_000), ("chain", 3), ("towers", 9), ("fan_in", 3)] {
      let workload = try #require(try Workload.named(name))
      let passes = try withThreads(2) {
        try Trace.during(.passes) {
          for _ in 0..<steps { try workload.record().backward() }
        }.passes
      }
      let decision = passes.reduce(0) { $0 + max(0, $1.decision - clock) }
      let all = passes.reduce(0) {
        $0 + $1.discovery + $1.decision + $1.run + $1.commit - 4 * clock
      }
      print(
        "\(name): deciding takes \(String(format: "%.2f", 100 * Double(decision) / Double(all))) %")
    }
  }
}
