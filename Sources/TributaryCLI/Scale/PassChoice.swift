import Foundation
import Tributary
import TributaryParallel

/// Which of a trace's passes are replayed or compared with.
enum PassChoice {
  /// Passes of one kind: those that took most of the time, without the first two where there are more, which fill pools
  /// and caches.
  private static func main(_ passes: [RecordedPass]) -> [RecordedPass] {
    let kinds = Dictionary(grouping: passes, by: \.count)
    let largest = kinds.max { a, b in
      (time(a.value), a.key) < (time(b.value), b.key)
    }
    return settled(largest?.value ?? [])
  }

  private static func time(_ passes: [RecordedPass]) -> Double {
    passes.reduce(0) { $0 + Double($1.run) }
  }

  private static func settled(_ passes: [RecordedPass]) -> [RecordedPass] {
    passes.count > 4 ? Array(passes.dropFirst(2)) : passes
  }

  /// What is replayed: recorded on one thread.
  static func base(_ passes: [RecordedPass], of file: String) throws -> [RecordedPass] {
    let chosen = main(passes)
    if let other = chosen.first(where: { $0.threads != 1 }) {
      throw OutputFile.problem(
        file, "scale",
        "was recorded on \(other.threads) threads; a replay needs how long nodes take alone: record with --threads 1"
      )
    }
    return chosen
  }

  /// How long the same pass took on the threads of each of other traces, by number of threads.
  static func measured(
    _ files: [String], like base: [RecordedPass], widths: [Int]
  ) throws -> [Int: [Double]] {
    var found: [Int: [Double]] = [:]
    for file in files {
      let (threads, times) = try measured(PassFile.read(file), of: file, like: base)
      guard widths.contains(threads) else {
        throw OutputFile.problem(
          file, "scale", "was recorded on \(threads) threads, which --workers does not name")
      }
      guard found.updateValue(times, forKey: threads) == nil else {
        throw OutputFile.problem(
          file, "scale", "is the second that was recorded on \(threads) threads; give one for each")
      }
    }
    return found
  }

  /// The number of threads, and the times.
  private static func measured(
    _ passes: [RecordedPass], of file: String, like base: [RecordedPass]
  ) throws -> (Int, [Double]) {
    let same = settled(passes.filter { $0.count == base.first?.count })
    guard let first = same.first, same.allSatisfy({ $0.threads == first.threads }) else {
      throw OutputFile.problem(
        file, "scale",
        "has no passes of \(base.first?.count ?? 0) nodes on one number of threads")
    }
    guard same.allSatisfy({ $0.run > 0 }) else {
      throw OutputFile.problem(file, "scale", "has a pass that took no time")
    }
    return (first.threads, same.map { Double($0.run) })
  }
}
