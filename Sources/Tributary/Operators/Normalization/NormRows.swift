import CTributaryKernels

/// What layerNorm and its kin share: dense rows of `n` elements, each normalised by its own mean and spread.
///
/// A row has the same bits alone and in any batch: its sums are taken in the order of a reduction over the innermost
/// dim (tri_norm.h).
struct NormRows: Sendable {
  /// Elements of a row, at least 1 where there are rows.
  let n: Int
  /// Of the weight and the bias, of `n` elements, or one for each channel; without meaning where there are none.
  let shape: Shape
  let eps: Double
  /// Whether the mean is taken off, as layerNorm does and rmsNorm does not.
  let isCentred: Bool
  let operation: StaticString
  /// Of groups of channels: the elements of a channel. 0: each element of a row has its weight and bias.
  var span = 0

  /// A weight or bias as it broadcasts with the input.
  func formed(_ factor: Tensor, like x: Shape) throws(TensorError) -> Tensor {
    span == 0 ? factor : try factor.reshape(form(like: x))
  }

  func form(like x: Shape) -> Shape {
    if span == 0 { return shape }
    var form = Shape(repeating: 1, rank: x.rank)
    form[1] = x[1]
    return form
  }

  /// Nanoseconds an element takes, forward; its gradient takes twice as much.
  static let nanosecondsPerElement = 0.4

  /// Of each row, for the gradient.
  struct Statistics {
    let mean: Tensor
    let rstd: Tensor
  }

  /// The rows of `x` normalised, times the weight and with the bias added, in one kernel. Not recorded.
  func apply(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?
  ) throws(TensorError) -> (out: Tensor, statistics: Statistics) {
    let rows = n == 0 ? 0 : x.count / n
    let out = try Tensor.empty(x.shape, dtype: x.dtype, operation)
    let mean = try Tensor.empty([rows], dtype: x.dtype, operation)
    let rstd = try Tensor.empty([rows], dtype: x.dtype, operation)
    if out.count > 0 {
      let source = try x.denseCopyIfStrided(operation)
      let (w, b) = (
        try weight?.denseCopyIfStrided(operation), try bias?.denseCopyIfStrided(operation)
      )
      // SAFETY: dense tensors of `rows` rows, of one element for each row, and of n elements, held below; each range of
      // rows writes its own.
      nonisolated(unsafe) let problem = tri_norm_problem(
        n: Int64(n), eps: eps, centred: isCentred ? 1 : 0, x: source.pointer, weight: w?.pointer,
        bias: b?.pointer, y: out.pointer, mean: mean.pointer, rstd: rstd.pointer, span: Int64(span),
        channels: Int64(shape.reduce(1, *)))
      Reduction.split(
        units: rows, elementsPerUnit: n, nanosecondsPerElement: Self.nanosecondsPerElement
      ) { first, end in
        withUnsafePointer(to: problem) {
          tri_norm_rows(kernels, x.dtype.kernel, $0, Int64(first), Int64(end))
        }
      }
      withExtendedLifetime((source, w, b)) {}
    }
    return (out, Statistics(mean: mean, rstd: rstd))
  }

  /// The rows of `x` normalised, and no more; recorded.
  func normalized(_ x: Tensor) throws(TensorError) -> Tensor {
    let (out, statistics) = try apply(x, nil, nil)
    if AutogradMode.records(x) {
      out.record(
        NormBackward(x, nil, nil, self, statistics, name: "NativeLayerNormBackward0"),
        nanoseconds: cost(x))
    }
    return out
  }

  func cost(_ x: Tensor) -> Float { Float(2 * Self.nanosecondsPerElement) * Float(x.count) }
}
