/// The kernel's gradients by query, key and value; they form the scores anew from the saved logarithms.
final class ScaledDotProductFlashAttentionForCpuBackward: Node, @unchecked Sendable {
  private let form: AttentionForm
  /// Whether something is added to the scores; of no graph, and saved last.
  private let hasMask: Bool

  init(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ out: Tensor, _ lse: Tensor,
    _ form: AttentionForm
  ) {
    (self.form, hasMask) = (form, mask != nil)
    super.init(q, k, v)
    save(q)
    save(k)
    save(v)
    save(output: out)
    save(lse)
    if let mask { save(mask) }
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (q, k, v) = (try saved(0), try saved(1), try saved(2))
    let mask = hasMask ? try saved(5) : nil
    let found = try Attention(form, q, k, v, mask).backward(
      gradient, saved(3), saved(4), wanted: (sink.wants(0), sink.wants(1), sink.wants(2)))
    if AutogradMode.records([gradient, q, k, v]) {
      AttentionBackwardBackward(gradient, q, k, v, mask, form).record(
        outputs: [found.q, found.k, found.v], nanoseconds: form.nanoseconds * 10)
    }
    if let q = found.q { sink[0] = q }
    if let k = found.k { sink[1] = k }
    if let v = found.v { sink[2] = v }
  }
}

/// Of dq = scale·T·k, dk = scale·Tᵀ·q and dv = Pᵀ·g, with P the weights and T = P∘(g·vᵀ − rowsums of P∘(g·vᵀ)), given
/// their gradients a, b and c. Composed of products, which form all scores.
///
/// With W = scale·(a·kᵀ + q·bᵀ) the sum is ⟨T, W⟩ + ⟨P, g·cᵀ⟩. By D = g·vᵀ it is U = the softmax's gradient of W, by P
/// X = W∘(D − d) − w∘D + g·cᵀ with d and w the rowsums of P∘D and P∘W, and by the scores Y = the softmax's gradient of X.
final class AttentionBackwardBackward: Node, @unchecked Sendable {
  private let form: AttentionForm
  private let hasMask: Bool
  private let shapes: [Shape]

  init(
    _ g: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ form: AttentionForm
  ) {
    (self.form, hasMask, shapes) = (form, mask != nil, [q.shape, k.shape, v.shape])
    super.init(inputs: [g, q, k, v])
    save(g)
    save(q)
    save(k)
    save(v)
    if let mask { save(mask) }
  }

  override var outputCount: Int { 3 }
  override func outputShape(at index: Int) -> Shape { shapes[index] }

  override func apply(
    all gradients: [Tensor?], _ sink: inout GradientSink
  ) throws(TensorError) {
    let (g, q, k, v) = (try saved(0), try saved(1), try saved(2), try saved(3))
    func or(_ x: Tensor?, _ like: Tensor) throws(TensorError) -> Tensor {
      if let x { x } else { try .zerosLike(like) }
    }
    let (a, b, c) = (
      try or(gradients[0], q), try or(gradients[1], k), try or(gradients[2], v)
    )
    let p = try form.weights(q, k, mask: hasMask ? saved(4) : nil)
    let d = try g.matmul(v.mT())
    let w = try (a.matmul(k.mT()) + q.matmul(b.mT())) * form.scale
    func rowSums(_ x: Tensor) throws(TensorError) -> Tensor { try x.sum(dim: -1, keepDim: true) }
    let u = try w.softmaxBackward(p, dim: p.rank - 1)
    if sink.wants(0) { sink[0] = try u.matmul(v) + p.matmul(c) }
    if sink.wants(3) { sink[3] = try u.mT().matmul(g) }
    guard sink.wants(1) || sink.wants(2) else { return }
    let x = try w * (d - rowSums(p * d)) - d * rowSums(p * w) + g.matmul(c.mT())
    let y = try x.softmaxBackward(p, dim: p.rank - 1)
    let t = try d.softmaxBackward(p, dim: p.rank - 1)
    if sink.wants(1) { sink[1] = try (y.matmul(k) + t.matmul(b)) * form.scale }
    if sink.wants(2) { sink[2] = try (y.mT().matmul(q) + t.mT().matmul(a)) * form.scale }
  }
}
