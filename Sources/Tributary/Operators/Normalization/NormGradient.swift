import CTributaryKernels

extension NormRows {
  /// Which gradients are asked for.
  struct Wanted {
    var x = true
    var weight = false
    var bias = false
  }

  struct Gradients {
    var x: Tensor?
    var weight: Tensor?
    var bias: Tensor?
  }

  /// The gradients through the normalised rows of `x`, from that of the result, in one pass over both. Recorded.
  ///
  /// Those of the weight and the bias are sums over the rows in the order of a reduction over columns: chains of 64
  /// rows, which a tree joins.
  func gradients(
    _ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ statistics: Statistics, _ wanted: Wanted
  ) throws(TensorError) -> Gradients {
    let result =
      x.count == 0
      ? try empty(x, wanted)
      : span > 0
        ? try ofGroups(g, x, weight, statistics, wanted)
        : try computed(g, x, weight, statistics, wanted)
    let none = x.detach()
    if AutogradMode.records(g, x, weight ?? none) {
      NormBackwardBackward(g, x, weight, self, statistics).record(
        outputs: [result.x, result.weight, result.bias], nanoseconds: 4 * cost(x))
    }
    return result
  }

  private func empty(_ x: Tensor, _ wanted: Wanted) throws(TensorError) -> Gradients {
    func zeros(_ shape: Shape) throws(TensorError) -> Tensor {
      try Tensor.filled(shape, .integer(0), dtype: x.dtype, operation)
    }
    return Gradients(
      x: wanted.x ? try zeros(x.shape) : nil, weight: wanted.weight ? try zeros(shape) : nil,
      bias: wanted.bias ? try zeros(shape) : nil)
  }

  private func computed(
    _ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ statistics: Statistics, _ wanted: Wanted
  ) throws(TensorError) -> Gradients {
    let rows = x.count / n
    let blocks = Int(tri_column_block_count(Int64(rows)))
    let dtype = x.dtype
    let (gradient, source) = (
      try g.denseCopyIfStrided(operation), try x.denseCopyIfStrided(operation)
    )
    let w = try weight?.denseCopyIfStrided(operation)
    func empty(_ shape: Shape, if asked: Bool) throws(TensorError) -> Tensor? {
      asked ? try Tensor.empty(shape, dtype: dtype, operation) : nil
    }
    let dx = try empty(x.shape, if: wanted.x)
    let ofWeight = try empty([blocks, n], if: wanted.weight)
    let ofBias = try empty([blocks, n], if: wanted.bias)
    // SAFETY: dense tensors of `rows` rows, of one element for each row, of n elements and of `blocks` rows, held below;
    // each range of rows or blocks writes its own.
    nonisolated(unsafe) let problem = tri_norm_gradient(
      n: Int64(n), rows: Int64(rows), centred: isCentred ? 1 : 0, g: gradient.pointer,
      x: source.pointer, mean: statistics.mean.pointer, rstd: statistics.rstd.pointer,
      weight: w?.pointer, dx: dx?.pointer, weight_partials: ofWeight?.pointer,
      bias_partials: ofBias?.pointer, span: 0, channels: 0)
    if ofWeight == nil, ofBias == nil {
      // Without sums over rows there is no need for whole blocks of them.
      Reduction.split(
        units: rows, elementsPerUnit: n, nanosecondsPerElement: 2 * Self.nanosecondsPerElement
      ) { first, end in
        var part = problem
        let (skipped, size) = (first * n * dtype.itemSize, first * dtype.itemSize)
        part.rows = Int64(end - first)
        part.g += skipped
        part.x += skipped
        part.mean += size
        part.rstd += size
        part.dx = part.dx.map { $0 + skipped }
        tri_norm_gradient_blocks(
          kernels, dtype.kernel, &part, 0, tri_column_block_count(part.rows))
      }
    } else {
      Reduction.split(
        units: blocks, elementsPerUnit: (rows / blocks + 1) * n,
        nanosecondsPerElement: 2 * Self.nanosecondsPerElement
      ) { first, end in
        withUnsafePointer(to: problem) {
          tri_norm_gradient_blocks(kernels, dtype.kernel, $0, Int64(first), Int64(end))
        }
      }
    }
    withExtendedLifetime((gradient, source, w, statistics.mean, statistics.rstd)) {}
    return Gradients(
      x: dx, weight: try joined(ofWeight, rows), bias: try joined(ofBias, rows))
  }

  /// The same of groups of channels: the sums of each channel of each sample, then over the samples.
  private func ofGroups(
    _ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ statistics: Statistics, _ wanted: Wanted
  ) throws(TensorError) -> Gradients {
    let (rows, channels) = (x.count / n, x.shape[1])
    let (gradient, source) = (
      try g.denseCopyIfStrided(operation), try x.denseCopyIfStrided(operation)
    )
    let w = try weight?.denseCopyIfStrided(operation)
    func empty(_ shape: Shape, if asked: Bool) throws(TensorError) -> Tensor? {
      asked ? try Tensor.empty(shape, dtype: x.dtype, operation) : nil
    }
    let dx = try empty(x.shape, if: wanted.x)
    let ofWeight = try empty([x.shape[0], channels], if: wanted.weight)
    let ofBias = try empty([x.shape[0], channels], if: wanted.bias)
    // SAFETY: dense tensors of `rows` rows, of one element for each row, of one for each channel, and of one for each
    // channel of each row, held below; each range of rows writes its own.
    nonisolated(unsafe) let problem = tri_norm_gradient(
      n: Int64(n), rows: Int64(rows), centred: isCentred ? 1 : 0, g: gradient.pointer,
      x: source.pointer, mean: statistics.mean.pointer, rstd: statistics.rstd.pointer,
      weight: w?.pointer, dx: dx?.pointer, weight_partials: ofWeight?.pointer,
      bias_partials: ofBias?.pointer, span: Int64(span), channels: Int64(channels))
    Reduction.split(
      units: rows, elementsPerUnit: n, nanosecondsPerElement: 2 * Self.nanosecondsPerElement
    ) { first, end in
      withUnsafePointer(to: problem) {
        tri_norm_gradient_groups(kernels, x.dtype.kernel, $0, Int64(first), Int64(end))
      }
    }
    withExtendedLifetime((gradient, source, w, statistics.mean, statistics.rstd)) {}
    return Gradients(
      x: dx, weight: try ofWeight?.sum(dim: 0), bias: try ofBias?.sum(dim: 0))
  }

  /// The chains of blocks of rows, joined by the tree.
  private func joined(_ partials: Tensor?, _ rows: Int) throws(TensorError) -> Tensor? {
    guard let partials else { return nil }
    let out = try Tensor.empty(shape, dtype: partials.dtype, operation)
    let (from, to, dtype) = (partials.pointer, out.pointer, partials.dtype.kernel)
    let stripe = 64
    // SAFETY: dense, of `blocks` rows of n and of n elements; each range of stripes writes its own columns.
    Reduction.split(
      units: (n + stripe - 1) / stripe, elementsPerUnit: partials.shape[0] * stripe
    ) { first, end in
      tri_reduce_column_combine(
        kernels, TRI_REDUCE_SUM, dtype, from, Int64(rows), Int64(n), Int64(first * stripe),
        Int64(min(end * stripe, n)), to)
    }
    withExtendedLifetime(partials) {}
    return out
  }
}
