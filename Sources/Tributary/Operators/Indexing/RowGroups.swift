import TributaryParallel

/// Where the source rows that go to each target row begin, in their order: a counting sort, in the pool's memory.
///
/// Each worker reads all row numbers and sorts those of a range of targets, so that nobody waits and no two write to
/// one place; what comes out is the same for any number of ranges. (Sorting ranges of the source was rejected: each
/// would need counts for all targets.)
struct RowGroups: Sendable {
  /// Where the members of each target row end; those of the next begin there.
  private let ends: Tensor
  private let members: Tensor

  /// Fewer row numbers to a range are not worth reading all of them again.
  private static let leastPerRange = 1 << 13

  /// - Parameters:
  ///   - rows: int64, dense, below `rowCount`, as the caller has checked
  ///   - source: of which `rows` numbers the positions along all dims but the last
  init(
    _ rows: Tensor, _ rowCount: Int, of source: Tensor, skipping skipped: Int?
  ) throws(TensorError) {
    let ranges = max(
      1, min(WorkerTeam.current.width, rowCount, rows.count / Self.leastPerRange))
    ends = try .empty([rowCount], dtype: .int64, "index_backward")
    members = try .empty([rows.count], dtype: .int64, "index_backward")
    let sizes = try Tensor.empty([ranges], dtype: .int64, "index_backward")
    // SAFETY: dense int64 that live to the end; a range's worker alone writes its targets' ends, its size, and the
    // places of its members, which begin behind those of the ranges before and are as many as its size says.
    let row = rows.pointer.assumingMemoryBound(to: Int.self)
    let end = ends.pointer.assumingMemoryBound(to: Int.self)
    let member = members.pointer.assumingMemoryBound(to: Int.self)
    let size = sizes.pointer.assumingMemoryBound(to: Int.self)
    let (count, skipped, positions) = (rows.count, skipped ?? -1, RowPositions(source))
    let cost = Double(count) * (1 + 4 / Double(ranges))
    let targets = { (range: Int) in range * rowCount / ranges..<(range + 1) * rowCount / ranges }

    parallelFor(tiles: ranges, nanosecondsPerTile: cost) { (tiles: Range<Int>) in
      for range in tiles {
        let own = targets(range)
        for target in own { end[target] = 0 }
        for i in 0..<count where own.contains(row[i]) && row[i] != skipped { end[row[i]] += 1 }
        var begin = 0
        for target in own { (end[target], begin) = (begin, begin + end[target]) }
        size[range] = begin
      }
    }
    parallelFor(tiles: ranges, nanosecondsPerTile: cost) { (tiles: Range<Int>) in
      for range in tiles {
        let own = targets(range)
        var first = 0
        for before in 0..<range { first += size[before] }
        for target in own { end[target] += first }
        // Each begin moves on to its row's end while the members are put in.
        positions.forEach { i, position in
          guard own.contains(row[i]), row[i] != skipped else { return }
          member[end[row[i]]] = position
          end[row[i]] += 1
        }
      }
    }
    withExtendedLifetime((rows, sizes)) {}
  }

  @inline(__always)
  func forEachMember(of target: Int, _ body: (Int) -> Void) {
    // SAFETY: `target` is below the number of target rows, and the ends lie within the members.
    let end = ends.pointer.assumingMemoryBound(to: Int.self)
    let member = members.pointer.assumingMemoryBound(to: Int.self)
    for k in (target == 0 ? 0 : end[target - 1])..<end[target] { body(member[k]) }
  }
}

/// Where the rows of a tensor begin, which are numbered along all dims but the last.
private struct RowPositions: Sendable {
  private let runs: Layout
  private let runLength: Int
  private let step: Int

  init(_ source: Tensor) {
    var (dims, length, step) = (source.rank - 1, 1, 0)
    while dims > 0, length == 1 || source.strides[dims - 1] == length * step {
      dims -= 1
      if length == 1 { step = source.strides[dims] }
      length *= source.shape[dims]
    }
    runs = source.layout.permuted(Shape(Array(0..<dims)))
    (runLength, self.step) = (length, step)
  }

  /// Calls `body` with the number and the place of each row, in their order.
  @inline(__always)
  func forEach(_ body: (Int, Int) -> Void) {
    var (row, run) = (0, LayoutWalk(runs))
    for _ in 0..<runs.count {
      var position = run.position
      for _ in 0..<runLength {
        body(row, position)
        row += 1
        position += step
      }
      run.advance()
    }
  }
}
