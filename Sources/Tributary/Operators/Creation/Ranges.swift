import CTributaryKernels

extension Tensor {
  /// The whole numbers 0, 1, …, `end` − 1.
  public static func arange(
    _ end: Int, dtype: DType = .int64, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try arange(0, end, dtype: dtype, requiresGrad: requiresGrad)
  }

  /// `start`, `start + step`, … up to but without `end`. Throws for a step of 0 or one that leads away.
  public static func arange(
    _ start: Int, _ end: Int, step: Int = 1, dtype: DType = .int64, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    guard step != 0, start == end || (end > start) == (step > 0) else {
      throw badStep("\(start)", "\(end)", "\(step)")
    }
    // In unsigned words, for `end - start` may pass the largest Int.
    let span =
      step > 0 ? UInt(bitPattern: end &- start) : UInt(bitPattern: start &- end)
    let count = span / step.magnitude + (span % step.magnitude == 0 ? 0 : 1)
    let out = try empty(
      [Int(clamping: count)], dtype: dtype, "arange")
    let (base, size) = (out.pointer, dtype.itemSize)
    ElementwiseMap.forEachTile(of: out.count, cost: .plain) { begin, end in
      // SAFETY: begin ..< end lies within the result.
      tri_arange_integer(
        base + begin * size, dtype.kernel, Int64(begin), Int64(end - begin), Int64(start),
        Int64(step))
    }
    return try out.asLeaf(requiresGrad)
  }

  /// The numbers 0, 1, … below `end`.
  public static func arange(
    _ end: Double, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try arange(0.0, end, dtype: dtype, requiresGrad: requiresGrad)
  }

  /// `start`, `start + step`, … up to but without `end`; element i is `start + i · step` in double, rounded
  /// to `dtype`, and there are ⌈(end − start) / step⌉ of them.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, dtype: DType = .float32,
    requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try checkStep(start, end, step)
    let count = ((end - start) / step).rounded(.up)
    let out = try empty(
      [Int(exactly: count) ?? .max], dtype: dtype, "arange")
    let (base, size) = (out.pointer, dtype.itemSize)
    ElementwiseMap.forEachTile(of: out.count, cost: .plain) { begin, end in
      // SAFETY: begin ..< end lies within the result.
      tri_arange(
        base + begin * size, dtype.kernel, Int64(begin), Int64(end - begin), start, step)
    }
    return try out.asLeaf(requiresGrad)
  }

  private static func checkStep(
    _ start: Double, _ end: Double, _ step: Double
  ) throws(TensorError) {
    guard start.isFinite, end.isFinite, step.isFinite, step != 0 else {
      throw TensorError(
        .invalidArgument, "arange",
        "start \(start), end \(end) and step \(step) must be finite, and the step not 0")
    }
    guard start == end || (end > start) == (step > 0) else {
      throw badStep("\(start)", "\(end)", "\(step)")
    }
  }

  private static func badStep(_ start: String, _ end: String, _ step: String) -> TensorError {
    TensorError(
      .invalidArgument, "arange",
      "a step of \(step) does not lead to the end: from \(start) to \(end)")
  }

  /// `steps` evenly spaced numbers from `start` to `end`, both included.
  public static func linspace(
    _ start: Double, _ end: Double, steps: Int, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    let out = try empty([steps], dtype: dtype, "linspace")
    let (base, size) = (out.pointer, dtype.itemSize)
    ElementwiseMap.forEachTile(of: steps, cost: .plain) { first, last in
      // SAFETY: first ..< last lies within the result.
      tri_linspace(
        base + first * size, dtype.kernel, Int64(first), Int64(last - first), Int64(steps), start,
        end)
    }
    return try out.asLeaf(requiresGrad)
  }

  /// The unit matrix of `n` rows and `m` columns (`n` unless given): ones on the diagonal.
  public static func eye(
    _ n: Int, _ m: Int? = nil, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    let out = try filled([n, m ?? n], .integer(0), dtype: dtype, "eye")
    let diagonal = Layout(
      // Wrapping: beside no rows, the columns may be as many as can be counted.
      shape: [Swift.min(n, m ?? n)], strides: [(m ?? n) &+ 1], offset: 0)
    out.alias(diagonal).fillElements(.integer(1))
    return try out.asLeaf(requiresGrad)
  }
}
