/// softmax(query · keyᵀ · scale + mask) · value (Vaswani et al. 2017), block by block, so that the scores never exist as a
/// whole (Dao et al. 2022): memory is that of the operands and the result, forward and back.
///
/// - Parameters:
///   - query: [..., queries, width]; `key`: [..., keys, width]; `value`: [..., keys, value width]; of one floating dtype;
///     the leading dims broadcast
///   - attnMask: broadcasts to [..., queries, keys]; bool: what takes part; of the query's dtype: what is added
///   - dropoutP: with which probability a weight is left out
///   - isCausal: query i sees the keys up to i; not beside a mask
///   - scale: 1 / √width unless given
/// - Returns: [..., queries, value width]; zeros for a query that sees no key. With a `dropoutP`, or a mask that requires a
///   gradient, it is composed of products and a softmax, which keep the scores.
/// - Throws: where shapes or dtypes do not fit.
///
/// A second derivative is composed of products too. Bits do not depend on threads, batch or processor; the blocks' lengths
/// stand in bits.h.
public func scaledDotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, attnMask: Tensor? = nil, dropoutP: Double = 0,
  isCausal: Bool = false, scale: Double? = nil
) throws(TensorError) -> Tensor {
  let form = try AttentionForm(
    query, key, value, attnMask, dropoutP: dropoutP, isCausal: isCausal, scale: scale)
  if query.dtype.isHalf {
    return try query.widened { (query) throws(TensorError) in
      try scaledDotProductAttention(
        query, key.toComputing(), value.toComputing(), attnMask: attnMask?.toComputing(),
        dropoutP: dropoutP, isCausal: isCausal, scale: scale)
    }
  }
  if dropoutP > 0 || attnMask?.requiresGrad == true {
    let weights = try form.weights(query, key, mask: attnMask)
    return try weights.dropout(dropoutP).matmul(value)
  }
  let mask = try attnMask.map { (mask) throws(TensorError) in try form.addend(mask.detach()) }
  // Differentiable views where the leading dims broadcast.
  let (q, k, v) = (try form.whole(query), try form.whole(key), try form.whole(value))
  let (out, lse) = try Attention(form, q, k, v, mask).forward()
  if AutogradMode.records(q, k, v) {
    out.record(
      ScaledDotProductFlashAttentionForCpuBackward(q, k, v, mask, out, lse, form),
      nanoseconds: form.nanoseconds * 2.5)
  }
  return out
}

/// Sizes and settings of an attention, checked.
struct AttentionForm: Sendable {
  /// The leading dims of the result.
  let batch: Shape
  let queries: Int
  let keys: Int
  let width: Int
  let valueWidth: Int
  let isCausal: Bool
  let scale: Double

  init(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, dropoutP: Double, isCausal: Bool,
    scale: Double?
  ) throws(TensorError) {
    let name: StaticString = "scaledDotProductAttention"
    let shapes = [q.shape, k.shape, v.shape]
    guard q.rank >= 2, k.rank >= 2, v.rank >= 2,
      q.shape[q.rank - 1] == k.shape[k.rank - 1], k.shape[k.rank - 2] == v.shape[v.rank - 2]
    else {
      throw TensorError(
        .shapeMismatch, name, shapes: shapes,
        "takes query [..., queries, width], key [..., keys, width] and value [..., keys, value width]"
      )
    }
    guard q.dtype.isFloatingPoint, k.dtype == q.dtype, v.dtype == q.dtype else {
      throw TensorError(
        .dtypeMismatch, name, dtypes: [q.dtype, k.dtype, v.dtype],
        "query, key and value must have one floating dtype")
    }
    guard dropoutP >= 0, dropoutP <= 1 else {
      throw TensorError(.invalidArgument, name, "\(dropoutP) is no probability; it lies in 0 … 1")
    }
    func leading(_ x: Tensor) -> Shape { Shape(Array(x.shape.dropLast(2))) }
    batch = try Shape.broadcast(leading(q), Shape.broadcast(leading(k), leading(v), name), name)
    (queries, width) = (q.shape[q.rank - 2], q.shape[q.rank - 1])
    (keys, valueWidth) = (k.shape[k.rank - 2], v.shape[v.rank - 1])
    self.isCausal = isCausal
    self.scale = scale ?? (width > 0 ? 1 / Double(width).squareRoot() : 1)
    if let mask { try check(mask, beside: q, name) }
  }

  private func check(
    _ mask: Tensor, beside q: Tensor, _ name: StaticString
  ) throws(TensorError) {
    guard !isCausal else {
      throw TensorError(
        .invalidArgument, name,
        "isCausal is a mask already; put it into attnMask, or leave that out")
    }
    guard mask.dtype == .bool || mask.dtype == q.dtype else {
      throw TensorError(
        .dtypeMismatch, name, dtypes: [mask.dtype, q.dtype],
        "the mask must be bool, or have the query's dtype")
    }
    guard mask.shape.broadcasts(to: scores) else {
      throw TensorError(
        .shapeMismatch, name, shapes: [mask.shape, scores],
        "the mask must broadcast to the scores, [..., queries, keys]")
    }
  }

  /// The shape that the scores would have.
  var scores: Shape { Shape(Array(batch) + [queries, keys]) }
  var heads: Int { batch.reduce(1, *) }

  /// Estimated, forward; the half of it where half of the scores are not formed.
  var nanoseconds: Float {
    let products = MatrixProduct.nanoseconds(queries, keys, width + valueWidth)
    let scores = Double(queries) * Double(keys)
    return Float((products * 1.5 + scores) * Double(heads) * (isCausal ? 0.6 : 1))
  }

  /// With all leading dims.
  func whole(_ x: Tensor) throws(TensorError) -> Tensor {
    let shape = Shape(Array(batch) + Array(x.shape.suffix(2)))
    return x.shape == shape ? x : try x.broadcastTo(shape)
  }

  /// What a mask adds to the scores.
  func addend(_ mask: Tensor) throws(TensorError) -> Tensor {
    guard mask.dtype == .bool else { return mask }
    return try Tensor.where(
      mask, Tensor.full([], 0, dtype: .float32), Tensor.full([], -.infinity, dtype: .float32))
  }

  /// The weights themselves, from differentiable operators: what the kernel never forms.
  func weights(_ q: Tensor, _ k: Tensor, mask: Tensor?) throws(TensorError) -> Tensor {
    var s = try q.matmul(k.mT()) * scale
    if let mask { s = try s + addend(mask).to(s.dtype) }
    if isCausal {
      let seen = try Tensor.arange(queries).unsqueeze(1).ge(Tensor.arange(keys))
      s = try Tensor.where(seen, s, -.infinity)
    }
    guard mask != nil, keys > 0 else { return try s.softmax(dim: -1) }
    // A query that sees no key has weights of 0, as in the kernel.
    let unseen = try s.detach().amax(dim: [-1], keepDim: true).eq(-.infinity)
    return try s.maskedFill(unseen, 0).softmax(dim: -1).maskedFill(unseen, 0)
  }
}
