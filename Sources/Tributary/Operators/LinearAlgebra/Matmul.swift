import CTributaryKernels

extension Tensor {
  /// The matrix product, by PyTorch's rules: vector · vector is a number, a vector beside a matrix is a row
  /// or column, and further leading dims are batches, which broadcast.
  ///
  /// Both operands of one floating dtype. Each element is one chain of fused multiply-adds in
  /// blocks of 512, whatever the sizes, threads and processor (tri_gemm.h): a row has the same bits alone
  /// and in any batch. Takes about 2·m·n·k operations.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor {
    try matmul(other, isBmm: false)
  }

  /// - Parameter isBmm: for the node's name; PyTorch's `matmul` goes on from its `bmm`.
  private func matmul(_ other: Tensor, isBmm: Bool) throws(TensorError) -> Tensor {
    guard dtype == other.dtype else {
      throw TensorError(
        .dtypeMismatch, "matmul", shapes: [shape, other.shape], dtypes: [dtype, other.dtype],
        "both operands must have one dtype; convert one with to(_:)")
    }
    guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "matmul") }
    guard rank > 0, other.rank > 0 else {
      throw TensorError(
        .shapeMismatch, "matmul", shapes: [shape, other.shape],
        "both operands need at least one dim; use mul for numbers")
    }
    guard shape[rank - 1] == other.shape[Swift.max(other.rank - 2, 0)] else {
      throw TensorError(
        .shapeMismatch, "matmul", shapes: [shape, other.shape],
        "the last dim of the first, \(shape[rank - 1]), must equal the "
          + "\(other.rank == 1 ? "only" : "second to last") dim of the second, "
          + "\(other.shape[Swift.max(other.rank - 2, 0)])")
    }
    if rank <= 2, other.rank <= 2 { return try plainMatmul(other) }
    return try batchedMatmul(other, isBmm: isBmm)
  }

  /// At most two dims each: one product.
  func plainMatmul(_ other: Tensor) throws(TensorError) -> Tensor {
    let (out, nanoseconds) = try product(other)
    if AutogradMode.records(self, other) {
      out.record(MatmulBackward(self, other, isBmm: false), nanoseconds: Float(2 * nanoseconds))
    }
    return out
  }

  /// One product of operands of at most two dims, either of them transposed, whose sizes agree.
  ///
  /// A vector is a row on the left and a column on the right, and its dim of one is not in the result; transposed it is
  /// a column on the left and a row on the right, with both dims. Recorded, it goes by views; otherwise without making any.
  func times(
    _ other: Tensor, transposed: Bool, otherTransposed: Bool
  ) throws(TensorError) -> Tensor {
    guard AutogradMode.records(self, other) else {
      return try product(other, transposed: transposed, otherTransposed: otherTransposed).out
    }
    let a = transposed ? try rank == 1 ? unsqueeze(1) : t() : self
    let b = otherTransposed ? try other.rank == 1 ? other.unsqueeze(0) : other.t() : other
    return try a.matmul(b)
  }

  /// ``times(_:transposed:otherTransposed:)``, not recorded, and its estimated time; added to `sum`, which is dense and
  /// has its shape, where there is one.
  @discardableResult
  func product(
    _ other: Tensor, transposed: Bool = false, otherTransposed: Bool = false,
    addedTo sum: Tensor? = nil
  ) throws(TensorError) -> (out: Tensor, nanoseconds: Double) {
    var a = MatrixProduct.Operand(self, vectorIsRow: true)
    var b = MatrixProduct.Operand(other, vectorIsRow: false)
    if transposed { a.transpose() }
    if otherTransposed { b.transpose() }
    guard a.columns == b.rows, dtype == other.dtype else {
      throw TensorError(
        .shapeMismatch, "matmul", shapes: [shape, other.shape], dtypes: [dtype, other.dtype],
        "a gradient does not fit the operands; the backward of the operation that made it is wrong")
    }
    var result = Shape()
    if rank == 2 || transposed { result.append(a.rows) }
    if other.rank == 2 || otherTransposed { result.append(b.columns) }
    let out: Tensor
    if let sum { out = sum } else { out = try Tensor.empty(result, dtype: dtype, "matmul") }
    var problem = MatrixProduct.problem(dtype, a, b, c: out.pointer)
    problem.accumulate = sum == nil ? 0 : 1
    try MatrixProduct.run(&problem, "matmul")
    return (out, MatrixProduct.nanoseconds(a.rows, b.columns, a.columns))
  }

  /// The product of two matrices [m, k] · [k, n].
  public func mm(_ other: Tensor) throws(TensorError) -> Tensor {
    try requireRanks(2, 2, other, "mm")
    return try matmul(other)
  }

  /// The product of stacks of matrices [b, m, k] · [b, k, n].
  public func bmm(_ other: Tensor) throws(TensorError) -> Tensor {
    try requireRanks(3, 3, other, "bmm")
    guard shape[0] == other.shape[0] else {
      throw TensorError(
        .shapeMismatch, "bmm", shapes: [shape, other.shape], "the batches must be of one size")
    }
    return try matmul(other, isBmm: true)
  }

  /// The product of a matrix [m, k] and a vector [k].
  public func mv(_ other: Tensor) throws(TensorError) -> Tensor {
    try requireRanks(2, 1, other, "mv")
    return try matmul(other)
  }

  /// The inner product of two vectors [k].
  public func dot(_ other: Tensor) throws(TensorError) -> Tensor {
    try requireRanks(1, 1, other, "dot")
    return try matmul(other)
  }

  private func requireRanks(
    _ left: Int, _ right: Int, _ other: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    guard rank == left, other.rank == right else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape, other.shape],
        "takes operands of \(left) and \(right) dims; matmul takes any")
    }
  }
}

/// C = A·B: by A, G·Bᵀ; by B, Aᵀ·G.
final class MatmulBackward: Node, @unchecked Sendable {
  private let (rankA, rankB): (Int, Int)
  /// Where A is among the saved tensors. Each is saved for the other's gradient, so only where that requires one; B
  /// is the first.
  private let savedA: Int
  private let isBmm: Bool

  @inline(__always)
  init(_ a: Tensor, _ b: Tensor, isBmm: Bool) {
    self.isBmm = isBmm
    let (wantsA, wantsB) = (a.requiresGrad, b.requiresGrad)
    (rankA, rankB) = (a.rank, b.rank)
    savedA = wantsA ? 1 : 0
    super.init(a, b)
    if wantsA { save(b) }
    if wantsB { save(a) }
  }

  /// PyTorch's name for the last that it makes of the same operands.
  override var name: String {
    switch (rankA, rankB) {
    case (1, 1): "DotBackward0"
    case (2, 1): "MvBackward0"
    case (1, 2): "SqueezeBackward4"
    case (2, 2): "MmBackward0"
    default: isBmm ? "BmmBackward0" : "UnsafeViewBackward0"
    }
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if rankA <= 2, rankB <= 2, rankA + rankB > 2 {
      if sink.wants(0) {
        let product = ProductGradient(
          gradient, try saved(0), .matrices(transposed: rankB == 1, otherTransposed: true))
        try sink.give(product, toInput: 0)
      }
      if sink.wants(1) {
        let product = ProductGradient(
          try saved(savedA), gradient, .matrices(transposed: true, otherTransposed: rankA == 1))
        try sink.give(product, toInput: 1)
      }
      return
    }
    // Where batches broadcast, products are summed, and in halves they would be rounded before.
    let isWide =
      gradient.dtype.isHalf
      && !inputShape(0).dropLast(2).elementsEqual(inputShape(1).dropLast(2))
    // Vectors become the row and the column that they stand for, and the gradient with them.
    var g = isWide ? try gradient.toComputing() : gradient
    if rankA == 1 { g = try g.unsqueeze(rankB == 1 ? 0 : g.rank - 1) }
    if rankB == 1 { g = try g.unsqueeze(g.rank) }
    if sink.wants(0) {
      let b = try isWide ? savedToComputing(0) : saved(0)
      let byA = try g.matmul((rankB == 1 ? b.unsqueeze(1) : b).mT())
      sink[0] = try fitted(
        rankA == 1 ? byA.sum(toRows: byA.rank - 2) : byA, toInput: 0)
    }
    if sink.wants(1) {
      let a = try isWide ? savedToComputing(savedA) : saved(savedA)
      let byB = try (rankA == 1 ? a.unsqueeze(0) : a).mT().matmul(g)
      sink[1] = try fitted(
        rankB == 1 ? byB.squeeze(byB.rank - 1).sum(leading: byB.rank - 2) : byB, toInput: 1)
    }
  }
}

extension Tensor {
  /// The gradient of a vector that was one row of each of a stack of products.
  fileprivate func sum(toRows row: Int) throws(TensorError) -> Tensor {
    try squeeze(row).sum(leading: row)
  }

  /// Summed over the first `dims` dims.
  fileprivate func sum(leading dims: Int) throws(TensorError) -> Tensor {
    dims == 0 ? self : try sum(DimSet(bits: (1 << UInt32(dims)) - 1), keepDim: false)
  }
}
