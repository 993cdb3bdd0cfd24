import CTributaryKernels
import Synchronization
import TributaryParallel

/// Brings operands to the kernels that read and write where an index says, along one dim (tri_index.h).
///
/// The places are those of the index. Place (o, k, j) that holds p stands for the element at p along the dim, and elsewhere
/// at its own. Nothing is copied to lie otherwise: operands are read by their strides, an index that repeats itself too.
/// An element that several places stand for is written by one worker, in the order of the places.
struct IndexedDim {
  private var problem = tri_index_problem()
  private var outerCount = 1
  private let index: Tensor
  /// Held, for the kernels know their memory alone.
  private let x, part: Tensor
  private let axis: Int
  private let operation: StaticString

  private var dtype: DType { x.dtype }
  private var m: Int { Int(problem.m) }
  private var inner: Int { Int(problem.inner) }

  /// - Parameters:
  ///   - x: at least as large as the index but along `axis`; without dims, as the others then: a line of one
  ///   - index: int64, of as many dims
  ///   - part: of x's dtype; at least as large as the index
  init(_ x: Tensor, _ axis: Int, _ index: Tensor, _ part: Tensor, _ operation: StaticString) {
    func line(_ x: Tensor) -> Tensor { x.rank == 0 ? x.alias(Layout(oneOf: x.layout)) : x }
    let (x, index, part) = (line(x), line(index), line(part))
    (self.x, self.index, self.part) = (x, index, part)
    (self.axis, self.operation) = (axis, operation)
    problem.positions = Int64(x.shape[axis])
    problem.m = Int64(index.shape[axis])
    problem.index = UnsafePointer(index.pointer.assumingMemoryBound(to: Int64.self))
    (problem.x, problem.part) = (x.pointer, part.pointer)
    problem.x_step = Int64(x.strides[axis])
    problem.index_step = Int64(index.strides[axis])
    problem.part_step = Int64(part.strides[axis])
    var before = runs(0..<axis, x, part)
    var behind = runs((axis + 1)..<x.rank, x, part)
    problem.inner = 1
    // The innermost dim, so that memory is walked along; of few positions the one before, for there is little to walk.
    if let run = behind.popLast() ?? (index.shape[axis] < 16 ? before.popLast() : nil) {
      problem.inner = Int64(run.size)
      (problem.x_inner, problem.index_inner, problem.part_inner) = (run.x, run.index, run.part)
    }
    for run in before + behind {
      outerCount *= run.size
      tri_index_outer(&problem, Int64(run.size), run.x, run.index, run.part)
    }
  }

  private struct Run {
    var size: Int
    var x, index, part: Int64
  }

  /// These dims, neighbours that are one run in each operand as one.
  private func runs(_ dims: Range<Int>, _ x: Tensor, _ part: Tensor) -> [Run] {
    var result: [Run] = []
    for dim in dims where index.shape[dim] != 1 {
      let next = Run(
        size: index.shape[dim], x: Int64(x.strides[dim]), index: Int64(index.strides[dim]),
        part: Int64(part.strides[dim]))
      let size = Int64(next.size)
      if let last = result.last, last.x == next.x * size, last.index == next.index * size,
        last.part == next.part * size
      {
        result[result.count - 1] = next
        result[result.count - 1].size *= last.size
      } else {
        result.append(next)
      }
    }
    return result
  }

  /// part = x.
  func take() throws(TensorError) {
    defer { withExtendedLifetime((x, part, index)) {} }
    if index.count == 0 { return }
    let size = Int32(dtype.itemSize)
    // A run of elements is copied at once where the index is the same for all of it.
    let cost = problem.index_inner == 0 && inner >= 16 ? 0.3 : 1.2
    let fits: Bool
    if m * inner <= Self.grain {
      fits = share(outerCount, m * inner, cost) { problem, first, end in
        var range = whole(first, end)
        return tri_index_take(problem, size, &range)
      }
    } else {
      let width = Swift.min(inner, Self.grain)
      let length = Self.grain / width
      let (stripes, pieces) = ((inner + width - 1) / width, (m + length - 1) / length)
      fits = share(outerCount * pieces * stripes, length * width, cost) { problem, first, end in
        var fits = true
        for unit in first..<end {
          let (outer, piece, stripe) = (
            unit / stripes / pieces, unit / stripes % pieces, unit % stripes
          )
          var range = whole(outer, outer + 1)
          range.begin = Int64(piece * length)
          range.end = Int64(Swift.min((piece + 1) * length, m))
          range.inner_begin = Int64(stripe * width)
          range.inner_end = Int64(Swift.min((stripe + 1) * width, inner))
          fits = tri_index_take(problem, size, &range) && fits
        }
        return fits
      }
    }
    if !fits { throw firstOutOfRange() }
  }

  /// x = op(x, part).
  func put(_ op: tri_put_op) throws(TensorError) {
    defer { withExtendedLifetime((x, part, index)) {} }
    if index.count == 0 { return }
    let kind = dtype.kernel
    let fits: Bool
    if m * inner <= Self.grain || outerCount >= 16 {
      fits = share(outerCount, m * inner, 1.5) { problem, first, end in
        var range = whole(first, end)
        return tri_index_put(problem, kind, op, &range)
      }
    } else if inner >= 32 {
      let width = Swift.min(Swift.max((inner / 8 + 15) / 16 * 16, 16), 1024)
      let stripes = (inner + width - 1) / width
      fits = share(outerCount * stripes, m * width, 1) { problem, first, end in
        var fits = true
        for unit in first..<end {
          var range = whole(unit / stripes, unit / stripes + 1)
          range.inner_begin = Int64(unit % stripes * width)
          range.inner_end = Int64(Swift.min((unit % stripes + 1) * width, inner))
          fits = tri_index_put(problem, kind, op, &range) && fits
        }
        return fits
      }
    } else if inner == 1, m >= 1 << 17, problem.positions > 1 << 15 {
      var all = true
      for outer in 0..<outerCount { all = try putLine(outer, op) && all }
      fits = all
    } else {
      fits = withUnsafePointer(to: problem) { problem in
        var range = whole(0, outerCount)
        return withStandardFloatingPoint { tri_index_put(problem, kind, op, &range) }
      }
    }
    if !fits { throw firstOutOfRange() }
  }

  private static let grain = 1 << 14

  private func whole(_ first: Int, _ end: Int) -> tri_index_range {
    tri_index_range(
      outer_begin: Int64(first), outer_end: Int64(end), begin: 0, end: problem.m, inner_begin: 0,
      inner_end: problem.inner)
  }

  /// Whether all positions were in range.
  private func share(
    _ units: Int, _ elementsPerUnit: Int, _ cost: Double,
    _ body: (UnsafePointer<tri_index_problem>, Int, Int) -> Bool
  ) -> Bool {
    let fits = Atomic<Bool>(true)  // Relaxed: read once all are done.
    // SAFETY: the caller of `take` and `put` holds the tensors; ranges of units write elements of their own.
    nonisolated(unsafe) let problem = problem
    withUnsafePointer(to: problem) { problem in
      Reduction.split(units: units, elementsPerUnit: elementsPerUnit, nanosecondsPerElement: cost) {
        if !body(problem, $0, $1) { fits.store(false, ordering: .relaxed) }
      }
    }
    return fits.load(ordering: .relaxed)
  }

  /// A long line, each worker with ranges of x: what goes there is brought together first, in order.
  private func putLine(_ outer: Int, _ op: tri_put_op) throws(TensorError) -> Bool {
    let (size, kind) = (dtype.itemSize, dtype.kernel)
    nonisolated(unsafe) var one = problem
    if outerCount > 1 { one = tri_index_at(&one, Int32(size), Int64(outer)) }
    one.rank = 0
    nonisolated(unsafe) let problem = one
    return try withUnsafePointer(to: problem) { problem throws(TensorError) in
      let line = tri_index_line_plan(problem)
      let (chunks, buckets) = (Int(line.chunks), Int(line.buckets))
      let counts = try Tensor.empty([chunks, buckets], dtype: .int64, operation)
      let ends = try Tensor.empty([buckets], dtype: .int64, operation)
      let offsets = try Tensor.empty([m], dtype: .int32, operation)
      let values = try Tensor.empty([m], dtype: dtype, operation)
      // SAFETY: of the sizes that tri_index.h asks for, held below; chunks and buckets write elements of their own.
      nonisolated(unsafe) let count = counts.pointer.assumingMemoryBound(to: Int64.self)
      nonisolated(unsafe) let end = ends.pointer.assumingMemoryBound(to: Int64.self)
      nonisolated(unsafe) let offset = offsets.pointer.assumingMemoryBound(to: UInt32.self)
      let value = values.pointer
      let fits = Atomic<Bool>(true)
      func share(_ tiles: Int, _ cost: Double, _ body: (Int64) -> Void) {
        parallelFor(tiles: tiles, nanosecondsPerTile: cost * Double(m / tiles)) { range in
          for tile in range { body(Int64(tile)) }
        }
      }
      withUnsafePointer(to: line) { line in
        share(chunks, 0.7) { chunk in
          if !tri_index_line_count(problem, line, chunk, count) {
            fits.store(false, ordering: .relaxed)
          }
        }
        guard fits.load(ordering: .relaxed) else { return }
        tri_index_line_places(line, count, end)
        share(chunks, 2) {
          tri_index_line_move(problem, line, Int32(size), $0, count, offset, value)
        }
        share(buckets, 1.5) {
          tri_index_line_put(problem, line, kind, op, $0, end, offset, value)
        }
      }
      withExtendedLifetime((counts, ends, offsets, values)) {}
      return fits.load(ordering: .relaxed)
    }
  }

  private func firstOutOfRange() -> TensorError {
    do throws(TensorError) {
      try Self.check(index, axis, x.shape, operation)
    } catch {
      return error
    }
    return TensorError(
      .indexOutOfRange, operation, shapes: [x.shape],
      "an index is out of range for dim \(axis) of size \(x.shape[axis])")
  }

  /// Throws for the first place, row-major, whose position is out of range.
  static func check(
    _ index: Tensor, _ axis: Int, _ source: Shape, _ operation: StaticString
  ) throws(TensorError) {
    var walk = LayoutWalk(index.layout)
    let size = source[axis]
    defer { withExtendedLifetime(index) {} }
    for _ in 0..<index.count {
      // SAFETY: the walk stays within the tensor's elements.
      let p = index.pointer.assumingMemoryBound(to: Int.self)[walk.position]
      guard p >= -size, p < size else {
        throw TensorError(
          .indexOutOfRange, operation, shapes: [source],
          "index \(p) is out of range for dim \(axis) of size \(size)")
      }
      walk.advance()
    }
  }
}

extension Layout {
  /// Of a tensor without dims, as one dim.
  fileprivate init(oneOf layout: Layout) {
    self.init(shape: [1], strides: [1], offset: layout.offset)
  }
}
