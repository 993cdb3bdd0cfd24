import CTributaryKernels

extension Tensor {
  /// Numbers uniform in [0, 1): multiples of 2⁻²⁴ in float32, of 2⁻⁵³ in float64; in float16 and bfloat16 float32's,
  /// rounded, but to the number before 1 where that would give 1.
  ///
  /// - Parameter generator: what is drawn from; ``Generator/current`` unless given.
  public static func rand(
    _ shape: Shape, dtype: DType = .float32, generator: Generator? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    let drawn = try floating(shape, dtype, "rand")
    drawn.fillUniform(0, 1, (generator ?? .current).draw())
    if dtype.isHalf { try drawn.clamp_(max: dtype == .float16 ? 1 - 0x1p-11 : 1 - 0x1p-8) }
    return try drawn.cast(to: dtype, "rand").asLeaf(requiresGrad)
  }

  /// Numbers of the standard normal distribution, by the method of Box and Muller (1958).
  public static func randn(
    _ shape: Shape, dtype: DType = .float32, generator: Generator? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    let drawn = try floating(shape, dtype, "randn")
    drawn.fillNormal(0, 1, (generator ?? .current).draw())
    return try drawn.cast(to: dtype, "randn").asLeaf(requiresGrad)
  }

  /// ``rand(_:dtype:generator:requiresGrad:)`` in the shape and dtype of `other`.
  public static func randLike(
    _ other: Tensor, dtype: DType? = nil, generator: Generator? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try rand(
      other.shape, dtype: dtype ?? other.dtype, generator: generator, requiresGrad: requiresGrad)
  }

  /// ``randn(_:dtype:generator:requiresGrad:)`` in the shape and dtype of `other`.
  public static func randnLike(
    _ other: Tensor, dtype: DType? = nil, generator: Generator? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try randn(
      other.shape, dtype: dtype ?? other.dtype, generator: generator, requiresGrad: requiresGrad)
  }

  /// Whole numbers, each of `low` … `high` − 1 as likely as the others.
  ///
  /// Throws unless `low` < `high`, and where `dtype` cannot hold all of them.
  public static func randint(
    _ low: Int, _ high: Int, _ shape: Shape, dtype: DType = .int64, generator: Generator? = nil
  ) throws(TensorError) -> Tensor {
    guard low < high else {
      throw TensorError(
        .invalidArgument, "randint", "no whole number is at least \(low) and below \(high)")
    }
    let held = dtype.wholeNumbers
    guard held.contains(low), held.contains(high - 1) else {
      throw TensorError(
        .invalidArgument, "randint", dtypes: [dtype],
        "\(low) … \(high - 1) reaches past the whole numbers that the dtype holds: \(held.lowerBound) … \(held.upperBound)"
      )
    }
    let out = try empty(shape, dtype: dtype, "randint")
    let draw = (generator ?? .current).draw()
    out.fillTiles { base, begin, count in
      kernels.pointee.random.integers(
        base, dtype.kernel, begin, count, draw.seed, draw.offset, Int64(low), Int64(high))
    }
    return out
  }

  /// The same from 0.
  public static func randint(
    _ high: Int, _ shape: Shape, dtype: DType = .int64, generator: Generator? = nil
  ) throws(TensorError) -> Tensor {
    try randint(0, high, shape, dtype: dtype, generator: generator)
  }

  /// 1 with probability `p`, else 0. Throws unless 0 ≤ `p` ≤ 1.
  public static func bernoulli(
    _ shape: Shape, _ p: Double, dtype: DType = .float32, generator: Generator? = nil
  ) throws(TensorError) -> Tensor {
    guard p >= 0, p <= 1 else {
      throw TensorError(.invalidArgument, "bernoulli", "\(p) is no probability; it lies in 0 … 1")
    }
    let out = try empty(shape, dtype: dtype, "bernoulli")
    out.fillBernoulli(p, scale: 1, (generator ?? .current).draw())
    return out
  }

  /// The numbers 0 … `n` − 1 in random order, each order as likely (Fisher and Yates; Durstenfeld 1964).
  ///
  /// Throws where `n` is negative, and where `dtype` cannot hold all of the numbers.
  public static func randperm(
    _ n: Int, dtype: DType = .int64, generator: Generator? = nil
  ) throws(TensorError) -> Tensor {
    guard n >= 0 else {
      throw TensorError(.invalidArgument, "randperm", "there are no \(n) numbers to put in order")
    }
    guard n == 0 || dtype.wholeNumbers.contains(n - 1) else {
      throw TensorError(
        .invalidArgument, "randperm", dtypes: [dtype],
        "0 … \(n - 1) reaches past the whole numbers that the dtype holds, which end at \(dtype.wholeNumbers.upperBound)"
      )
    }
    let out = try arange(n)
    let words = try randint(0, .max, [n], generator: generator)
    let order = out.pointer.assumingMemoryBound(to: Int.self)
    let chance = words.pointer.assumingMemoryBound(to: Int.self)
    for i in stride(from: n - 1, to: 0, by: -1) {
      // SAFETY: both hold n int64; j is at most i, since a word is below 2⁶³.
      let j = Int(UInt(chance[i]).multipliedFullWidth(by: 2 * UInt(i + 1)).high)
      let held = order[i]
      order[i] = order[j]
      order[j] = held
    }
    withExtendedLifetime(words) {}
    return try out.cast(to: dtype, "randperm")
  }

  /// Unwritten, in the dtype that numbers for `dtype` are drawn in.
  private static func floating(
    _ shape: Shape, _ dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard dtype.isFloatingPoint else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype],
        "draws floating-point numbers; use randint for whole ones")
    }
    return try empty(shape, dtype: dtype.computing, operation)
  }
}

// MARK: - Filling

extension Tensor {
  /// Overwrites these dense elements, of float32 or float64, by numbers uniform in [low, high).
  package func fillUniform(_ low: Double, _ high: Double, _ draw: RandomDraw) {
    let random = kernels.pointee.random
    let kernel = dtype == .float64 ? random.uniform_f64 : random.uniform_f32
    fillTiles { base, begin, count in
      kernel(base, begin, count, draw.seed, draw.offset, low, high)
    }
  }

  /// The same by normal numbers.
  package func fillNormal(_ mean: Double, _ std: Double, _ draw: RandomDraw) {
    let random = kernels.pointee.random
    let kernel = dtype == .float64 ? random.normal_f64 : random.normal_f32
    fillTiles { base, begin, count in
      kernel(base, begin, count, draw.seed, draw.offset, mean, std)
    }
  }

  /// The same by `scale` with probability `p`, else 0; any dtype.
  package func fillBernoulli(_ p: Double, scale: Double, _ draw: RandomDraw) {
    let kernel = kernels.pointee.random.bernoulli
    let dtype = dtype.kernel
    fillTiles { base, begin, count in
      kernel(base, dtype, begin, count, draw.seed, draw.offset, p, scale)
    }
  }

  private func fillTiles(
    _ fill: (_ base: UnsafeMutableRawPointer, _ begin: Int64, _ count: Int64) -> Void
  ) {
    let (base, size) = (pointer, dtype.itemSize)
    ElementwiseMap.forEachTile(of: count, cost: .init(nanoseconds: 1)) { begin, end in
      // SAFETY: begin ..< end lies within the tensor's dense elements.
      fill(base + begin * size, Int64(begin), Int64(end - begin))
    }
  }
}

extension DType {
  /// The whole numbers around 0 of which this dtype holds every one.
  fileprivate var wholeNumbers: ClosedRange<Int> {
    switch self {
    case .float32: -(1 << 24)...(1 << 24)
    case .float64: -(1 << 53)...(1 << 53)
    case .int64: .min ... .max
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .uint8: 0...255
    case .bool: 0...1
    case .float16: -(1 << 11)...(1 << 11)
    case .bfloat16: -(1 << 8)...(1 << 8)
    }
  }
}
