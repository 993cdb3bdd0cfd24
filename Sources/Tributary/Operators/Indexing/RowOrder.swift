import CTributaryKernels
import TributaryParallel

/// The order of the elements of rows (tri_sort.h): by their digits, equal ones as they stand.
struct RowOrder {
  let descending: Bool
  let operation: StaticString

  /// Few rows at least so long are shared by their parts, many are each put in order by one worker.
  private static let longRow = 1 << 17
  private static let chunk = 1 << 16

  /// The first `kept` of each row of `x`, dense, and their places; what is nil is not written.
  func fill(
    _ values: Tensor?, _ places: Tensor, from x: Tensor, kept: Int
  ) throws(TensorError) {
    let n = x.rank == 0 ? 1 : x.shape[x.rank - 1]
    guard x.count > 0, kept > 0 else { return }
    let rows = x.count / n
    let job = Job(
      kind: tri_sort_kind_for(x.dtype.kernel, Int64(n), descending), x: x.pointer,
      values: values?.pointer, places: places.pointer.assumingMemoryBound(to: Int64.self), n: n,
      kept: kept, itemSize: x.dtype.itemSize)
    // Choosing is cheaper while what is kept is little; its words have room for places of 32 bits.
    if kept <= n / 4, n <= Int(UInt32.max) {
      try choose(job, rows)
    } else if rows < 8, n >= Self.longRow {
      for row in 0..<rows { try orderLong(job, row) }
    } else {
      try order(job, rows)
    }
    withExtendedLifetime((x, values, places)) {}
  }

  // SAFETY of the pointers: `fill` holds the tensors, and each tile writes rows, or parts of one, of its own.
  private struct Job: @unchecked Sendable {
    let kind: tri_sort_kind
    let x: UnsafeMutableRawPointer
    let values: UnsafeMutableRawPointer?
    let places: UnsafeMutablePointer<Int64>
    let n: Int
    let kept: Int
    let itemSize: Int

    var word: Int { Int(kind.word) }
    /// Nanoseconds an element takes.
    var cost: Double { Double(kind.digits) * (word == 8 ? 2.5 : 4) }

    func row(_ row: Int) -> UnsafeMutableRawPointer { x + row * n * itemSize }

    func unpack(_ words: UnsafeMutableRawPointer, _ row: Int, _ begin: Int, _ end: Int) {
      withUnsafePointer(to: kind) {
        tri_sort_unpack(
          $0, self.row(row), words, Int64(begin), Int64(end),
          values.map { $0 + row * kept * itemSize }, places + row * kept)
      }
    }
  }

  private func words(_ count: Int, _ job: Job) throws(TensorError) -> Tensor {
    try Tensor.empty([count * job.word], dtype: .uint8, operation)
  }

  private func order(_ job: Job, _ rows: Int) throws(TensorError) {
    let perTile = Swift.max(1, Self.chunk / job.n)
    try parallelForThrowing(
      tiles: (rows + perTile - 1) / perTile,
      nanosecondsPerTile: Double(perTile * job.n) * job.cost
    ) { tiles throws(TensorError) in
      let workspace = try words(2 * job.n, job)
      let (first, end) = (tiles.lowerBound * perTile, min(tiles.upperBound * perTile, rows))
      withUnsafePointer(to: job.kind) {
        tri_sort_rows(
          $0, job.x, Int64(job.n), Int64(job.kept), Int64(first), Int64(end), job.values,
          job.places, workspace.pointer)
      }
      withExtendedLifetime(workspace) {}
    }
  }

  /// Digit after digit: chunks count theirs, which gives each chunk the places where its words go.
  private func orderLong(_ job: Job, _ row: Int) throws(TensorError) {
    let (n, kind) = (job.n, job.kind)
    let chunk = Swift.max(Self.chunk, (n + 1023) / 1024)
    let chunks = (n + chunk - 1) / chunk
    let buffers = (try words(n, job), try words(n, job))
    let counts = try Tensor.empty([chunks, 256], dtype: .int64, operation)
    // SAFETY: of the sizes that tri_sort.h asks for, held below; each chunk has its own part.
    nonisolated(unsafe) let count = counts.pointer.assumingMemoryBound(to: Int64.self)
    func share(_ cost: Double, _ body: (Int, Int64, Int64) -> Void) {
      parallelFor(tiles: chunks, nanosecondsPerTile: Double(chunk) * cost) { range in
        for c in range { body(c, Int64(c * chunk), Int64(min((c + 1) * chunk, n))) }
      }
    }
    withUnsafePointer(to: kind) { kind in
      nonisolated(unsafe) let kind = kind
      var (from, to) = (buffers.0.pointer, buffers.1.pointer)
      share(0.8) { tri_sort_pack(kind, job.row(row), $1, $2, from) }
      for digit in 0..<kind.pointee.digits {
        nonisolated(unsafe) let (source, target) = (from, to)
        share(0.6) { tri_sort_count(kind, source, digit, $1, $2, count + $0 * 256) }
        if tri_sort_places(Int64(chunks), count) { continue }
        share(2) { tri_sort_move(kind, source, digit, $1, $2, count + $0 * 256, target) }
        (from, to) = (to, from)
      }
      let words = from
      share(1) { _, begin, end in
        job.unpack(words, row, Int(begin), min(Int(end), Swift.max(job.kept, Int(begin))))
      }
    }
    withExtendedLifetime((buffers, counts)) {}
  }

  /// The first of each part of each row, then of these.
  private func choose(_ job: Job, _ rows: Int) throws(TensorError) {
    let (n, k) = (job.n, job.kept)
    let parts = rows < 16 && k <= 4096 ? Swift.max(1, n / Self.longRow) : 1
    let found = try words(rows * parts * k, job)
    let room = Int(tri_select_room(Int64(k)))
    let units = rows * parts
    let perTile = Swift.max(1, Self.chunk * parts / n)
    let cost = job.word == 8 ? 0.5 : 1
    let to = found.pointer
    try parallelForThrowing(
      tiles: (units + perTile - 1) / perTile,
      nanosecondsPerTile: Double(perTile * (n / parts)) * cost
    ) { tiles throws(TensorError) in
      let workspace = try words(2 * room, job)
      let base = workspace.pointer
      withUnsafePointer(to: job.kind) { kind in
        for unit in tiles.lowerBound * perTile..<min(tiles.upperBound * perTile, units) {
          let (row, part) = (unit / parts, unit % parts)
          tri_select(
            kernels, kind, job.row(row), Int64(n * part / parts), Int64(n * (part + 1) / parts),
            Int64(k), base, base + room * job.word)
          (to + unit * k * job.word).copyMemory(from: base, byteCount: k * job.word)
          if parts == 1 { job.unpack(to + unit * k * job.word, row, 0, k) }
        }
      }
      withExtendedLifetime(workspace) {}
    }
    if parts > 1 {
      let aside = try words(parts * k, job)
      withUnsafePointer(to: job.kind) { kind in
        for row in 0..<rows {
          let words = to + row * parts * k * job.word
          tri_sort_words(kind, words, aside.pointer, Int64(parts * k))
          job.unpack(words, row, 0, k)
        }
      }
      withExtendedLifetime(aside) {}
    }
    withExtendedLifetime(found) {}
  }
}
