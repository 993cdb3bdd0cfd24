import CTributaryKernels

/// How ``Tensor/scatterReduce(_:_:_:_:includeSelf:)`` brings several elements into one.
public enum ScatterReduction: Sendable, CaseIterable {
  case sum
  case prod
  case mean
  case amax
  case amin
}

extension Tensor {
  /// Each element reduced with those of `src` that go to it: to the position along `dim` which `index` holds in their
  /// place, along the other dims to their own. Not in place.
  ///
  /// - Parameters:
  ///   - index, src: as those of ``scatterAdd(_:_:_:)``
  ///   - includeSelf: false: without the element that is here, where anything goes to it
  /// - Throws: where these do not fit, and for a position out of range, with the first such and the size.
  ///
  /// Elements that no position names keep their bits, but for the NaNs of halves, which become the dtype's own. Each
  /// other one is taken by one worker from the one here on, in the order of `index`; a mean of whole numbers is rounded
  /// down. Of equal greatest (least) elements each gets its part of the gradient. That of a product is made of products
  /// before and after each element, so that zeros need no care.
  public func scatterReduce(
    _ dim: Int, _ index: Tensor, _ src: Tensor, _ reduction: ScatterReduction,
    includeSelf: Bool = true
  ) throws(TensorError) -> Tensor {
    let (axis, places, part) = try scatterPlaces(dim, index, src, "scatterReduce")
    guard index.count > 0 else { return try clone() }
    if dtype.isHalf {
      return try widened(with: src) { (x, src) throws(TensorError) in
        try x.scatterReduce(dim, index, src, reduction, includeSelf: includeSelf)
      }
    }
    let form = ScatterForm(axis: axis, reduction: reduction, includeSelf: includeSelf)
    let (out, counts) = try form.reduce(detach(), places, part.detach())
    if AutogradMode.records(self, part) {
      out.record(ScatterReduceBackward(self, part, places, counts, out, form))
    }
    return out
  }
}

/// A reduction by places.
struct ScatterForm: Sendable {
  let axis: Int
  let reduction: ScatterReduction
  let includeSelf: Bool

  private var op: tri_put_op {
    switch reduction {
    case .sum, .mean: TRI_PUT_ADD
    case .prod: TRI_PUT_MUL
    case .amax: TRI_PUT_MAX
    case .amin: TRI_PUT_MIN
    }
  }

  /// What changes nothing by the operation.
  private func neutral(_ dtype: DType) -> Scalar {
    switch reduction {
    case .sum, .mean: .integer(0)
    case .prod: .integer(1)
    case .amax: dtype.isFloatingPoint ? .real(-.infinity) : .integer(dtype.leastWhole)
    case .amin: dtype.isFloatingPoint ? .real(.infinity) : .integer(dtype.greatestWhole)
    }
  }

  /// The result, and for a mean how many elements each is the mean of. Not recorded.
  func reduce(
    _ x: Tensor, _ index: Tensor, _ part: Tensor
  ) throws(TensorError) -> (out: Tensor, counts: Tensor?) {
    let operation: StaticString = "scatterReduce"
    if reduction == .mean, x.dtype == .bool {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [x.dtype],
        "bools have no mean; convert to a number's dtype")
    }
    if reduction == .mean, !x.dtype.isFloatingPoint, x.dtype != .int64 {
      // Sums and counts that the dtype does not hold have means that it does.
      let (mean, _) = try reduce(
        x.cast(to: .int64, operation), index, part.cast(to: .int64, operation))
      return (try mean.cast(to: x.dtype, operation), nil)
    }
    let out = try x.denseCopy(operation)
    func repeated(_ value: Scalar) throws(TensorError) -> Tensor {
      try Tensor.filled([], value, dtype: x.dtype, operation).broadcastTo(index.shape)
    }
    if !includeSelf {
      try out.put(TRI_PUT_SET, axis, index, repeated(neutral(x.dtype)), operation)
    }
    try out.put(op, axis, index, part, operation)
    guard reduction == .mean else { return (out, nil) }
    let counts = try Tensor.filled(x.shape, .integer(1), dtype: x.dtype, operation)
    if !includeSelf { try counts.put(TRI_PUT_SET, axis, index, repeated(.integer(0)), operation) }
    try counts.put(TRI_PUT_ADD, axis, index, repeated(.integer(1)), operation)
    let mean =
      try x.dtype.isFloatingPoint ? out / counts : out.div(counts, roundingMode: .floor)
    // What nothing goes to is not divided by 1, which would make a quiet NaN of another.
    let touched = try Tensor.filled(x.shape, .integer(0), dtype: .bool, operation)
    let truth = try Tensor.filled([], .integer(1), dtype: .bool, operation)
    try touched.put(TRI_PUT_SET, axis, index, truth.broadcastTo(index.shape), operation)
    return (try Selection.apply(touched, mean, x), counts)
  }
}

extension DType {
  fileprivate var leastWhole: Int {
    switch self {
    case .int64: .min
    case .int32: Int(Int32.min)
    default: 0
    }
  }

  fileprivate var greatestWhole: Int {
    switch self {
    case .int64: .max
    case .int32: Int(Int32.max)
    case .bool: 1
    default: 255
    }
  }
}

final class ScatterReduceBackward: Node, @unchecked Sendable {
  private let form: ScatterForm

  init(
    _ x: Tensor, _ part: Tensor, _ index: Tensor, _ counts: Tensor?, _ out: Tensor,
    _ form: ScatterForm
  ) {
    self.form = form
    super.init(x, part)
    save(index)
    if let counts { save(counts) }
    // A sum and a mean are linear.
    guard form.reduction != .sum, form.reduction != .mean else { return }
    save(x)
    save(part)
    save(output: out)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let index = try saved(0)
    let (axis, operation) = (form.axis, "scatter_reduce_backward" as StaticString)
    var (own, other): (Tensor, Tensor)
    switch form.reduction {
    case .sum: (own, other) = (gradient, try back(gradient, index))
    case .mean:
      let share = try gradient / saved(1)
      (own, other) = (share, try back(share, index))
    case .prod:
      let products = ScatteredProducts(axis: axis, includeSelf: form.includeSelf)
      (own, other) = try products.gradients(gradient, saved(1), index, saved(2))
    case .amax, .amin:
      let (x, part, out) = (try saved(1), try saved(2), try saved(3).detach())
      let here = try form.includeSelf ? x.detach().eq(out).to(x.dtype) : Tensor.zerosLike(x)
      let there = try part.detach().eq(out.gathered(axis, index, operation, "")).to(x.dtype)
      let share = try gradient / here.adding(there, axis, index, operation, "").clamp(min: 1.0)
      own = try share * here
      if !form.includeSelf { own = gradient }
      other = try back(share, index) * there
    }
    if sink.wants(0) {
      if !form.includeSelf {
        let zero = try Tensor.filled([], .integer(0), dtype: gradient.dtype, operation)
        own = try own.replacing(
          zero.broadcastTo(index.shape), axis, index, "scatter", "ScatterBackward1")
      }
      sink[0] = own
    }
    if sink.wants(1) { sink[1] = other }
  }

  private func back(_ x: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
    try x.gathered(form.axis, index, "gather", "GatherBackward0")
  }
}

/// The gradients of products by places: of each factor the product of those before it and of those after it.
///
/// The factors are put in the order of their elements, those of one element beside each other, and the products are
/// recurrences that begin anew with each element.
private struct ScatteredProducts {
  let axis: Int
  let includeSelf: Bool

  func gradients(
    _ g: Tensor, _ x: Tensor, _ index: Tensor, _ part: Tensor
  ) throws(TensorError) -> (own: Tensor, other: Tensor) {
    let operation: StaticString = "scatter_reduce_backward"
    let numbers = try Tensor.arange(x.count)
    let targets = try numbers.reshape(x.shape)
      .gathered(x.rank == 0 ? 0 : axis, index, operation, "").reshape([-1])
    let parts = try part.reshape([-1])
    let keys = try includeSelf ? Tensor.cat([numbers, targets]) : targets
    let factors = try includeSelf ? Tensor.cat([x.reshape([-1]), parts]) : parts
    let order = try keys.argsort()
    let (sorted, factor) = (try keys.indexSelect(0, order), try factors.indexSelect(0, order))
    let (first, last) = (try edges(sorted, back: false), try edges(sorted, back: true))
    let before = try products(factor, first, back: false)
    let after = try products(factor, last, back: true)
    let each = try g.reshape([-1]).indexSelect(0, sorted) * before * after
    let places = try Tensor.empty(order.shape, dtype: .int64, operation)
    try places.put(TRI_PUT_SET, 0, order, Tensor.arange(order.count), operation)
    let found = try each.indexSelect(0, places)
    let split = includeSelf ? x.count : 0
    let other = try found.narrow(0, split, part.count).reshape(part.shape)
    return (try includeSelf ? found.narrow(0, 0, split).reshape(x.shape) : g, other)
  }

  /// Where an element's factors begin, or end.
  private func edges(_ sorted: Tensor, back: Bool) throws(TensorError) -> Tensor {
    try sorted.ne(sorted.shifted(0, back: back, first: -1))
  }

  /// Of what comes before each factor of its element; from the other end where `back`.
  private func products(
    _ factor: Tensor, _ edge: Tensor, back: Bool
  ) throws(TensorError) -> Tensor {
    let next = try factor.shifted(0, back: back, first: 0).maskedFill(edge, 0)
    return try edge.to(factor.dtype).recurrence(next, 0, reverse: back, "scatter_reduce_backward")
  }
}
