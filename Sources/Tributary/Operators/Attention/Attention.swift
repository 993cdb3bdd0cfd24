import CTributaryKernels
import TributaryParallel

/// Brings the operands of an attention to its kernels: all heads, each cut into blocks (tri_attention.h).
struct Attention: @unchecked Sendable {
  // Unchecked for what it holds are tensors that are only read, and the problem's pointers into them.
  private let form: AttentionForm
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor
  private let mask: Tensor?
  private let dtype: DType
  private let operation: StaticString = "scaledDotProductAttention"

  /// All with the leading dims of the result; the mask with what broadcasts to the scores.
  init(
    _ form: AttentionForm, _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?
  ) throws(TensorError) {
    self.form = form
    dtype = q.dtype
    (self.q, self.k, self.v) = (
      try Self.withDenseRows(q), try Self.withDenseRows(k), try Self.withDenseRows(v)
    )
    var addend = try mask?.to(q.dtype)
    if let mask = addend, mask.rank == 0 || mask.shape[mask.rank - 1] != form.keys {
      addend = try mask.broadcastTo(
        Shape(Array(mask.shape.dropLast()) + [form.keys])
      ).denseCopy(operation)
    }
    self.mask = try addend?.broadcastTo(form.scores).withRowsApart()
  }

  /// The result, and of each query the logarithm of what its softmax divides by: [heads · queries].
  func forward() throws(TensorError) -> (out: Tensor, lse: Tensor) {
    let out = try emptyResult()
    let lse = try Tensor.empty([form.heads * form.queries], dtype: dtype, operation)
    if out.count == 0 { return (out, lse) }
    let turned = try k.transposedCopy(operation)
    let blocks = queryBlocks
    try run(units: form.heads * blocks, nanoseconds: Double(form.nanoseconds), tiles: 1) {
      unit, workspace in
      let head = unit / blocks
      var problem = problem(head, out, lse, turned, workspace)
      let block = Int64(unit % blocks)
      tri_attention_forward(kernels, dtype.kernel, &problem, block, block + 1)
    }
    withExtendedLifetime((self, out, lse, turned)) {}
    return (out, lse)
  }

  struct Gradients {
    var q: Tensor?
    var k: Tensor?
    var v: Tensor?
  }

  /// The gradients by query, key and value, from that of the result. The scores are formed anew, block by block.
  func backward(
    _ g: Tensor, _ out: Tensor, _ lse: Tensor, wanted: (q: Bool, k: Bool, v: Bool)
  ) throws(TensorError) -> Gradients {
    func zeros(_ x: Tensor, if asked: Bool) throws(TensorError) -> Tensor? {
      asked ? try .filled(x.shape, .integer(0), dtype: dtype, operation) : nil
    }
    let found = Gradients(
      q: try zeros(q, if: wanted.q), k: try zeros(k, if: wanted.k), v: try zeros(v, if: wanted.v))
    if out.count == 0 || form.keys == 0 { return found }
    let gradient = try Self.withDenseRows(g)
    let (turnedK, turnedV) = (
      try k.transposedCopy(operation), try v.transposedCopy(operation)
    )
    let delta = try Tensor.empty([lse.count], dtype: dtype, operation)
    let (queryBlocks, keyBlocks) = (queryBlocks, keyBlocks)
    let cost = 2.5 * Double(form.nanoseconds)

    func gradientProblem(
      _ head: Int, _ workspace: UnsafeMutableRawPointer, queries: Bool, keys: Bool
    ) -> tri_attention {
      var problem = problem(head, out, lse, turnedK, workspace)
      let row = head * form.queries * dtype.itemSize
      problem.v_turned = UnsafeRawPointer(
        turnedV.pointer + head * form.valueWidth * form.keys * dtype.itemSize)
      problem.g = UnsafeRawPointer(place(gradient, head))
      problem.g_row = Int64(gradient.strides[gradient.rank - 2])
      problem.delta = delta.pointer + row
      if queries { problem.dq = found.q.map { place($0, head) } }
      if keys {
        problem.dk = found.k.map { place($0, head) }
        problem.dv = found.v.map { place($0, head) }
      }
      return problem
    }
    // With heads enough for all workers each is gone through once. Else twice, by blocks of queries and by blocks of
    // keys: the same sums in the same order.
    if form.heads >= 16 || queryBlocks * keyBlocks == 1 {
      try run(units: form.heads, nanoseconds: cost, tiles: 2) { head, workspace in
        var problem = gradientProblem(head, workspace, queries: true, keys: true)
        tri_attention_delta(kernels, dtype.kernel, &problem, 0, Int64(queryBlocks))
        tri_attention_backward(
          kernels, dtype.kernel, &problem, 0, Int64(queryBlocks), 0, Int64(keyBlocks))
      }
    } else {
      try run(units: form.heads * queryBlocks, nanoseconds: 0.6 * cost, tiles: 2) {
        unit, workspace in
        var problem = gradientProblem(unit / queryBlocks, workspace, queries: true, keys: false)
        let block = Int64(unit % queryBlocks)
        tri_attention_delta(kernels, dtype.kernel, &problem, block, block + 1)
        if problem.dq != nil {
          tri_attention_backward(
            kernels, dtype.kernel, &problem, block, block + 1, 0, Int64(keyBlocks))
        }
      }
      if found.k != nil || found.v != nil {
        try run(units: form.heads * keyBlocks, nanoseconds: 0.8 * cost, tiles: 2) {
          unit, workspace in
          var problem = gradientProblem(unit / keyBlocks, workspace, queries: false, keys: true)
          let block = Int64(unit % keyBlocks)
          tri_attention_backward(
            kernels, dtype.kernel, &problem, 0, Int64(queryBlocks), block, block + 1)
        }
      }
    }
    withExtendedLifetime((self, out, lse, turnedK, turnedV, gradient, delta)) {}
    return found
  }
}

extension Attention {
  private var queryBlocks: Int {
    let length = Int(tri_attention_queries())
    return (form.queries + length - 1) / length
  }

  private var keyBlocks: Int {
    let length = Int(tri_attention_keys())
    return (form.keys + length - 1) / length
  }

  /// Of four dims its rows lie as [batch, queries, heads, width]: what follows joins the heads, and need not copy.
  private func emptyResult() throws(TensorError) -> Tensor {
    let shape = Shape(Array(form.batch) + [form.queries, form.valueWidth])
    guard shape.rank == 4 else { return try .empty(shape, dtype: dtype, operation) }
    let out = try Tensor.empty(
      [shape[0], shape[2], shape[1], shape[3]], dtype: dtype, operation)
    return out.alias(out.layout.exchanging(1, 2))
  }

  /// Runs units of work, each with working memory of `tiles` blocks of scores.
  private func run(
    units: Int, nanoseconds: Double, tiles: Int,
    _ body: (_ unit: Int, _ workspace: UnsafeMutableRawPointer) -> Void
  ) throws(TensorError) {
    let elements = tiles * Int(tri_attention_queries() * tri_attention_keys())
    try parallelForThrowing(tiles: units, nanosecondsPerTile: nanoseconds / Double(units)) {
      (range) throws(TensorError) in
      let workspace = try Tensor.empty([elements], dtype: dtype, operation)
      for unit in range { body(unit, workspace.pointer) }
      withExtendedLifetime(workspace) {}
    }
  }

  /// Where the matrix of head `head` begins.
  private func place(_ x: Tensor, _ head: Int) -> UnsafeMutableRawPointer {
    var (rest, offset) = (head, 0)
    for dim in stride(from: form.batch.rank - 1, through: 0, by: -1) {
      offset += rest % form.batch[dim] * x.strides[dim]
      rest /= form.batch[dim]
    }
    // SAFETY: within what the strides reach over the leading dims, which all operands have.
    return x.pointer + offset * x.dtype.itemSize
  }

  private func problem(
    _ head: Int, _ out: Tensor, _ lse: Tensor, _ turned: Tensor,
    _ workspace: UnsafeMutableRawPointer
  ) -> tri_attention {
    func row(_ x: Tensor) -> Int64 { Int64(x.strides[x.rank - 2]) }
    let size = dtype.itemSize
    return tri_attention(
      queries: Int64(form.queries), keys: Int64(form.keys), width: Int64(form.width),
      value_width: Int64(form.valueWidth), q: place(q, head), k: place(k, head),
      v: place(v, head), q_row: row(q), k_row: row(k), v_row: row(v),
      k_turned: turned.pointer + head * form.width * form.keys * size, v_turned: nil,
      mask: mask.map { UnsafeRawPointer(place($0, head)) }, mask_row: mask.map(row) ?? 0,
      scale: form.scale, causal: form.isCausal ? 1 : 0, out: place(out, head), out_row: row(out),
      lse: lse.pointer + head * form.queries * size, g: nil, g_row: 0, delta: nil, dq: nil,
      dk: nil, dv: nil, workspace: workspace)
  }

  /// As it lies where the elements of a row are neighbours, else a copy.
  private static func withDenseRows(_ x: Tensor) throws(TensorError) -> Tensor {
    try x.withRowsApart()
  }
}

extension Tensor {
  /// As it lies where the elements of a row are neighbours, else a copy; not recorded.
  fileprivate func withRowsApart() throws(TensorError) -> Tensor {
    shape[rank - 1] <= 1 || strides[rank - 1] == 1
      ? self : try denseCopy("scaledDotProductAttention")
  }

  /// A dense copy with the last two dims exchanged.
  fileprivate func transposedCopy(_ operation: StaticString) throws(TensorError) -> Tensor {
    try alias(layout.exchanging(rank - 2, rank - 1)).denseCopy(operation)
  }
}
