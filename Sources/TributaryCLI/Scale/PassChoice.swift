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
      (a.value.reduce(0) { $0 + $1.run }, a.key) < (b.value.reduce(0) { $0 + $1.run }, b.key)
    }
    return settled(largest?.value ?? [])
  }

  static func settled(_ passes: [RecordedPass]) -> [RecordedPass] {
    passes.count > 4 ? Array(passes.dropFirst(2)) : passes
  }

  /// What is replayed: recorded on one thread.
  static func base(_ passes: [RecordedPass], of file: String) throws -> [RecordedPass] {
    let chosen = main(passes)
    if let other = chosen.first(where: { $0.threads != 1 }) {
      throw TensorError(
        .invalidArgument, operation: "scale",
        "the passes of '\(file)' were recorded on \(other.threads) threads; a replay needs how long nodes take "
          + "alone: record with --threads 1")
    }
    return chosen
  }

  /// How long the same pass took on the threads of another trace: the number of threads, and the times.
  static func measured(
    _ passes: [RecordedPass], of file: String, like base: [RecordedPass]
  ) throws -> (Int, [Double]) {
    let same = settled(passes.filter { $0.count == base.first?.count })
    guard let first = same.first, same.allSatisfy({ $0.threads == first.threads }) else {
      throw TensorError(
        .invalidArgument, operation: "scale",
        "the file '\(file)' has no passes of \(base.first?.count ?? 0) nodes on one number of threads"
      )
    }
    return (first.threads, same.map { Double($0.run) })
  }
}
