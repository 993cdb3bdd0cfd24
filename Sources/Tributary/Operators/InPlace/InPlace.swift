import CTributaryKernels

/// What the operations in place share. Each one checks, makes its node (whose first edge is the history so far),
/// writes, and then gives the tensor its new history.
enum InPlace {
  /// Throws unless `x` may be written in place; `records` says whether the operation is to be recorded.
  static func check(
    _ x: Tensor, records: Bool, _ operation: StaticString
  ) throws(TensorError) {
    if x.layout.mayOverlap {
      throw TensorError(
        .invalidArgument, operation, shapes: [x.shape],
        "several of this view's elements lie at one place in memory; clone() it first")
    }
    let hidesHistory =
      x.isUnrecordedView && x.base?.requiresGrad == true && AutogradMode.current.recordsGraph
    if hidesHistory {
      throw TensorError(
        .autograd, operation, shapes: [x.shape],
        "this view was made while recording was off, so that its base would not learn of the change; "
          + "make the view while recording, or change it inside noGrad")
    }
    guard records else { return }
    if x.isLeaf, x.requiresGrad {
      throw TensorError(
        .autograd, operation, shapes: [x.shape],
        "a leaf that requires a gradient cannot be changed in place while recording; do it inside noGrad, or "
          + "use an operation that makes a new tensor")
    }
    if let base = x.base, base.isLeaf, base.requiresGrad {
      throw TensorError(
        .autograd, operation, shapes: [x.shape],
        "this is a view of a leaf that requires a gradient, which cannot be changed in place while "
          + "recording; do it inside noGrad, or clone() the leaf first")
    }
    if !(x.base ?? x).isContiguous {
      throw TensorError(
        .autograd, operation, shapes: [x.shape],
        "this shares the strided memory of a detached tensor, whose history cannot be changed through it; "
          + "clone() it first")
    }
  }

  /// Throws unless a result of `dtype` and `shape` can be stored in `x`.
  static func checkResult(
    _ dtype: DType, _ shape: Shape, storedIn x: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    guard dtype == x.dtype || canStore(dtype, in: x.dtype) else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype, x.dtype],
        "the result, of \(dtype), cannot be stored in \(x.dtype); use an operation that makes a new tensor"
      )
    }
    guard shape.broadcasts(to: x.shape) else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [x.shape, shape],
        "the operand must broadcast to the shape of the tensor that is changed")
    }
  }

  /// PyTorch's rule: no floating point in integers, nothing but bool in bool.
  private static func canStore(_ result: DType, in dtype: DType) -> Bool {
    if result.isFloatingPoint { return dtype.isFloatingPoint }
    return dtype != .bool || result == .bool
  }

  /// x = op(x, other), in their promoted dtype, or in that of true division.
  static func write(
    _ op: tri_binary_op, _ x: Tensor, _ other: Tensor, _ operation: StaticString,
    cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) {
    var dtype = x.promotedDType(with: other)
    if op == TRI_BINARY_DIV { dtype = dtype.floating }
    try checkResult(dtype, other.shape, storedIn: x, operation)
    guard let map = tri_binary(kernels, op, dtype.kernel) else {
      throw Binary.unsupported(dtype, operation)
    }
    let operand = try separate(other, from: x, operation).cast(to: dtype, operation)
    if dtype == x.dtype {
      ElementwiseMap.run(map, x, operand, into: x, cost: cost)
    } else {
      let wide = try Tensor.empty(x.shape, dtype: dtype, operation)
      ElementwiseMap.run(map, try x.cast(to: dtype, operation), operand, into: wide, cost: cost)
      x.copyElements(from: try wide.cast(to: x.dtype, operation))
    }
  }

  /// x = op(x, scalar).
  static func write(
    _ op: tri_binary_op, _ x: Tensor, _ scalar: Scalar, _ operation: StaticString,
    cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) {
    var dtype = scalar.promoted(with: x.dtype)
    if op == TRI_BINARY_DIV { dtype = dtype.floating }
    try checkResult(dtype, [], storedIn: x, operation)
    guard let map = tri_binary(kernels, op, dtype.kernel) else {
      throw Binary.unsupported(dtype, operation)
    }
    ElementwiseMap.run(map, x, scalar: scalar, into: x, cost: cost)
  }

  /// `other`, or a copy where writing `x` would change elements of it that are still to be read.
  static func separate(
    _ other: Tensor, from x: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard other.buffer === x.buffer else { return other }
    let isSame =
      other.layout.offset == x.layout.offset && other.shape == x.shape
      && other.strides == x.strides && other.dtype == x.dtype
    return isSame ? other : try other.denseCopy(operation)
  }

  /// The elements of `x` as they are now, at its place in the graph: for nodes that need them afterwards.
  static func snapshot(_ x: Tensor, _ operation: StaticString) throws(TensorError) -> Tensor {
    let copy = try x.denseCopy(operation)
    (copy.node, copy.outputIndex, copy.requiresGrad) = (x.node, x.outputIndex, x.requiresGrad)
    return copy
  }

  /// After the writing: gives `x`, and what shares its elements, the history of `node`.
  static func finish(_ x: Tensor, _ node: Node?, cost: ElementwiseMap.Cost = .plain) {
    if let node {
      node.outputShape = x.shape
      node.outputDType = x.dtype
      node.cost = Float(cost.nanoseconds) * Float(x.count)
      if let base = x.base {
        // Before the version moves on, while the view still stands on the base's old history.
        let before = x.node
        let slices = CopySlices(base, node, x.geometry(in: base))
        rebase(base, slices, nanoseconds: node.cost + base.embeddingCost)
        x.bumpVersion()
        moveRetained(x, from: before)
        return
      }
      rebase(x, node, nanoseconds: node.cost)
    }
    x.bumpVersion()
  }

  private static func rebase(_ x: Tensor, _ node: Node, nanoseconds: Float) {
    let before = x.node
    x.record(node, nanoseconds: nanoseconds)
    x.outputIndex = 0
    x.leaf = nil
    moveRetained(x, from: before)
  }

  /// A tensor that retains its gradient retains that of its new value.
  private static func moveRetained(_ x: Tensor, from before: Node?) {
    guard let holder = x.retained, let before else { return }
    before.changeHooks { $0.retained.removeAll { $0.holder === holder } }
    x.node?.addRetained(x.outputIndex, holder)
  }
}
