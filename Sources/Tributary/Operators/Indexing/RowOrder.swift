/// The order of a row's elements: a stable merge of their positions, from runs of one, twice as long each time.
struct RowOrder {
  let descending: Bool

  /// Fills `indices`, int64, by the order of the rows of `x`, of one shape with it; both dense.
  func fill(_ indices: Tensor, from x: Tensor, _ operation: StaticString) throws(TensorError) {
    guard x.count > 0 else { return }
    let scratch = try Tensor.empty(x.shape, dtype: .int64, operation)
    switch x.dtype {
    case .float32: merge(indices, scratch, x, as: Float.self)
    case .float64: merge(indices, scratch, x, as: Double.self)
    case .int64: merge(indices, scratch, x, as: Int.self)
    case .int32: merge(indices, scratch, x, as: Int32.self)
    case .uint8, .bool: merge(indices, scratch, x, as: UInt8.self)
    }
  }

  private func merge<T: Comparable>(
    _ indices: Tensor, _ scratch: Tensor, _ x: Tensor, as type: T.Type
  ) {
    let n = x.rank == 0 ? 1 : x.shape[x.rank - 1]
    // SAFETY: dense tensors of as many elements; each range of rows writes its own.
    nonisolated(unsafe) let from = x.pointer.assumingMemoryBound(to: T.self)
    nonisolated(unsafe) let to = indices.pointer.assumingMemoryBound(to: Int.self)
    nonisolated(unsafe) let aside = scratch.pointer.assumingMemoryBound(to: Int.self)
    Reduction.split(units: x.count / n, elementsPerUnit: n, nanosecondsPerElement: 60) {
      first, end in
      for row in first..<end { order(from + row * n, n, to + row * n, aside + row * n) }
    }
    withExtendedLifetime((indices, scratch, x)) {}
  }

  private func order<T: Comparable>(
    _ x: UnsafeMutablePointer<T>, _ n: Int, _ to: UnsafeMutablePointer<Int>,
    _ aside: UnsafeMutablePointer<Int>
  ) {
    // SAFETY: all hold n elements, and the positions among them are below n.
    for i in 0..<n { to[i] = i }
    var (source, target) = (to, aside)
    var run = 1
    while run < n {
      for start in stride(from: 0, to: n, by: 2 * run) {
        let (middle, end) = (min(start + run, n), min(start + 2 * run, n))
        var (a, b) = (start, middle)
        for place in start..<end {
          // The later only where it must come before: equal ones keep their order.
          if b < end, a == middle || precedes(x[source[b]], x[source[a]]) {
            target[place] = source[b]
            b += 1
          } else {
            target[place] = source[a]
            a += 1
          }
        }
      }
      (source, target) = (target, source)
      run *= 2
    }
    if source != to { to.update(from: source, count: n) }
  }

  /// A NaN, which alone differs from itself, is the greatest.
  @inline(__always)
  private func precedes<T: Comparable>(_ a: T, _ b: T) -> Bool {
    descending ? a > b || a != a && b == b : a < b || b != b && a == a
  }
}
