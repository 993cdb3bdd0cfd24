/// Of y = h · weight + bias with h the normalised rows of x: the kernel's gradients by x, weight and bias.
final class NormBackward: Node, @unchecked Sendable {
  private let rows: NormRows
  private let title: StaticString
  private let hasWeight: Bool

  init(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ rows: NormRows,
    _ statistics: NormRows.Statistics, name: StaticString
  ) {
    (self.rows, title, hasWeight) = (rows, name, weight != nil)
    let none = x.detach()
    super.init(x, weight ?? none, bias ?? none)
    save(x)
    save(statistics.mean)
    save(statistics.rstd)
    if let weight { save(weight) }
  }

  override var name: String { "\(title)" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let statistics = NormRows.Statistics(mean: try saved(1), rstd: try saved(2))
    let found = try rows.gradients(
      gradient, saved(0), hasWeight ? saved(3) : nil, statistics,
      .init(x: sink.wants(0), weight: sink.wants(1), bias: sink.wants(2)))
    if let x = found.x { sink[0] = x }
    if let weight = found.weight { sink[1] = weight }
    if let bias = found.bias { sink[2] = bias }
  }
}

/// Of the gradients dx = P(g · weight), dw = Σ g · h and db = Σ g over rows, where P is the map of ``NormBackward`` by x,
/// which is its own transpose.
///
/// With v the gradient of dx: by g, weight · P(v); by the weight, Σ g · P(v); by x, with u = g · weight, a and b the row
/// means of v · h and u · h, and r the factor of a row,
/// −r² · h · (Σ v·u / n − v̄ · ū − a · b) − r · (a · P(u) + b · P(v)); without v̄ · ū where the mean is not taken off.
/// With q that of dw and s that of db: by g, q · h + s; by x, P(g · q).
final class NormBackwardBackward: Node, @unchecked Sendable {
  private let rows: NormRows
  private let hasWeight: Bool
  private let shapes: [Shape]

  init(
    _ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ rows: NormRows,
    _ statistics: NormRows.Statistics
  ) {
    (self.rows, hasWeight, shapes) = (rows, weight != nil, [x.shape, rows.shape, rows.shape])
    super.init(g, x, weight ?? x.detach())
    save(g)
    save(x)
    save(statistics.mean)
    save(statistics.rstd)
    if let weight { save(weight) }
  }

  override var outputCount: Int { 3 }
  override func outputShape(at index: Int) -> Shape { shapes[index] }

  override func apply(
    all gradients: [Tensor?], _ sink: inout GradientSink
  ) throws(TensorError) {
    let (g, x) = (try saved(0), try saved(1))
    let statistics = NormRows.Statistics(mean: try saved(2), rstd: try saved(3))
    let weight = hasWeight ? try saved(4) : nil
    func weighted(_ t: Tensor) throws(TensorError) -> Tensor {
      if let weight { try t * rows.formed(weight, like: x.shape) } else { t }
    }
    /// P(t).
    func mapped(_ t: Tensor) throws(TensorError) -> Tensor {
      try rows.gradients(t, x, nil, statistics, .init()).x ?? t
    }
    var (byG, byX): (Tensor?, Tensor?)
    if let v = gradients[0] {
      let back = try mapped(v)
      if sink.wants(0) { byG = try weighted(back) }
      if sink.wants(1) { byX = try curvature(v, back, weighted(g), mapped, x) }
      if sink.wants(2), hasWeight { sink[2] = try overRows(g * back, x.shape) }
    }
    if let q = gradients[1] {
      if sink.wants(0) { byG = try sum(byG, rows.formed(q, like: x.shape) * rows.normalized(x)) }
      if sink.wants(1) { byX = try sum(byX, mapped(g * rows.formed(q, like: x.shape))) }
    }
    if let s = gradients[2], sink.wants(0) {
      byG = try sum(byG, rows.formed(s, like: x.shape).broadcastTo(x.shape))
    }
    if let byG { sink[0] = byG }
    if let byX { sink[1] = byX }
  }

  private func sum(_ a: Tensor?, _ b: Tensor) throws(TensorError) -> Tensor {
    if let a { try a + b } else { b }
  }

  private func overRows(_ terms: Tensor, _ shape: Shape) throws(TensorError) -> Tensor {
    let sum = try terms.sum(toShape: rows.form(like: shape))
    return rows.span == 0 ? sum : try sum.reshape(rows.shape)
  }

  /// By x of ⟨v, P(u)⟩; `back` is P(v).
  private func curvature(
    _ v: Tensor, _ back: Tensor, _ u: Tensor,
    _ mapped: (Tensor) throws(TensorError) -> Tensor, _ x: Tensor
  ) throws(TensorError) -> Tensor {
    if x.count == 0 { return try Tensor.zerosLike(x) }
    let form: Shape = [x.count / rows.n, rows.n]
    func mean(_ t: Tensor) throws(TensorError) -> Tensor { try t.mean(dim: 1, keepDim: true) }
    let (v, p, u, pu) = (
      try v.reshape(form), try back.reshape(form), try u.reshape(form), try mapped(u).reshape(form)
    )
    let flat = try x.reshape(form)
    let h = try rows.normalized(x).reshape(form)
    let centred = rows.isCentred ? try flat - mean(flat) : flat
    let r = try mean(centred.square()).add(rows.eps).rsqrt()
    let (a, b) = (try mean(v * h), try mean(u * h))
    var inner = try mean(v * u) - a * b
    if rows.isCentred { inner = try inner - mean(v) * mean(u) }
    let bent = try r.square() * h * inner
    return try (bent + r * (a * pu + b * p)).neg().reshape(x.shape)
  }
}
