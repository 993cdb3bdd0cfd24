import CTributaryKernels

extension Tensor {
  /// The different elements, ascending, in one dim; for each element of this tensor, in its shape, which of them it is; and
  /// how often each occurs. The latter two are int64. Not differentiable.
  ///
  /// - Parameter dim: instead of elements the slices along `dim`, in the order of their elements one after another: then the
  ///   values differ from this tensor in the size of `dim` alone, and the other two have one dim
  ///
  /// A NaN equals none, not even another. In time as a sort, along a dim as one for each element of a slice. Throws where
  /// there is no such dim, and for slices without elements.
  public func unique(
    dim: Int? = nil
  ) throws(TensorError) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    try distinct(dim, "unique") { (rows) throws(TensorError) in
      // By the last element first: sorts keep the order of equal ones.
      var order = try Tensor.arange(rows.shape[0])
      for column in (0..<rows.shape[1]).reversed() {
        let keys = try rows.select(1, column).indexSelect(0, order)
        order = try order.indexSelect(0, keys.argsort())
      }
      return order
    }
  }

  /// The elements, row-major, without those that equal the one before them; for each element, in this tensor's shape, which
  /// of them it went into; and how many each stands for. The latter two are int64. Not differentiable.
  ///
  /// - Parameter dim: as in ``unique(dim:)``
  public func uniqueConsecutive(
    dim: Int? = nil
  ) throws(TensorError) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    try distinct(dim, "uniqueConsecutive", order: nil)
  }

  private func distinct(
    _ dim: Int?, _ operation: StaticString,
    order: ((_ rows: Tensor) throws(TensorError) -> Tensor)?
  ) throws(TensorError) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let axis = try dim.map { (dim) throws(TensorError) in try shape.index(ofDim: dim, operation) }
    let moved =
      try axis == nil || rank == 0 ? detach().reshape([-1]) : detach().movedim(axis ?? 0, 0)
    let n = moved.shape[0]
    if n == 0 {
      let none = try Tensor.filled([0], .integer(0), dtype: .int64, operation)
      return (
        try axis == nil ? moved.clone() : detach().clone(),
        try axis == nil ? none.reshape(shape) : none, try none.clone()
      )
    }
    guard moved.count > 0 else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape],
        "slices without elements cannot be told apart; choose a dim beside which none has size 0")
    }
    let rows = try moved.reshape([n, moved.count / n])
    let places = try order?(rows)
    let sorted =
      try places.map { (places) throws(TensorError) in
        try rows.indexSelect(0, places)
      } ?? rows
    let differ = try sorted.narrow(0, 1, n - 1).ne(sorted.narrow(0, 0, n - 1))
      .any(dim: [1])
    let begins = try Tensor.cat([.ones([1], dtype: .bool), differ])
    let starts = try begins.nonzero().reshape([-1])
    let end = try Tensor.filled([1], .integer(n), dtype: .int64, operation)
    let counts = try Tensor.cat([starts.narrow(0, 1, starts.count - 1), end]) - starts
    var inverse = try begins.cumsum(0) - 1
    if let places {
      // What stands at place i of the order is row places[i].
      let turned = try Tensor.empty([n], dtype: .int64, operation)
      try turned.put(TRI_PUT_SET, 0, places, inverse, operation)
      inverse = turned
    }
    var form = moved.shape
    form[0] = starts.count
    var values = try sorted.indexSelect(0, starts).reshape(form)
    if let axis, rank > 0 { values = try values.movedim(0, axis).contiguous() }
    return (values, try axis == nil ? inverse.reshape(shape) : inverse, counts)
  }
}
