/// Compares the gradients of `function` at `inputs` with central differences of its values.
///
/// - Parameters:
///   - function: from tensors to tensors, the same at each call, with results of the same shapes. Called with
///     recording on. Results that require no gradient are left out; but where none does, the values must not
///     depend on the inputs, so that an operator which forgets to record is found.
///   - inputs: float64; those that require a gradient are checked, element by element.
///   - eps: half the difference's width.
///   - atol, rtol: a derivative may differ by `atol + rtol · |numeric|`.
///
/// Throws a ``TensorError`` of kind `underlying`, around a ``GradientMismatch``, at the first derivative that
/// differs; one of kind `invalidArgument` where the results change their shapes; and what `function` throws. The
/// cost is two calls of `function` for each element of the inputs and a backward pass for each element of the
/// outputs. The defaults are PyTorch's.
public func gradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3,
  _ function: @escaping ([Tensor]) throws -> [Tensor]
) throws(TensorError) {
  let check = GradCheck(function: function, eps: eps, atol: atol, rtol: rtol)
  try enableGrad { () throws(TensorError) in try check.run(inputs) }
}

/// The same for second derivatives: checks the gradient's own gradients, with respect to the inputs and to
/// random gradients of the outputs, which must be float64 where they require a gradient.
public func gradgradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3,
  _ function: @escaping ([Tensor]) throws -> [Tensor]
) throws(TensorError) {
  let count = inputs.count
  let outputs = try enableGrad { () throws(TensorError) in try GradCheck.call(function, inputs) }
  let generator = Generator(seed: 0)
  var seeds: [Tensor] = []
  for (index, output) in outputs.enumerated() where output.requiresGrad {
    guard output.dtype == .float64 else {
      throw TensorError(
        .dtypeMismatch, "gradgradcheck", shapes: [output.shape], dtypes: [output.dtype],
        "output \(index) must be float64: differences in other dtypes are too coarse")
    }
    seeds.append(
      try Tensor.randn(output.shape, dtype: .float64, generator: generator, requiresGrad: true))
  }
  // Without a gradient there is none to differentiate; what is left to see is that there should be none.
  let checked: ([Tensor]) throws -> [Tensor] =
    seeds.isEmpty
    ? function
    : { all in
      let outputs = try function(Array(all[..<count])).filter(\.requiresGrad)
      let wanted = all[..<count].filter(\.requiresGrad)
      let gradients = try Tensor.grad(
        of: outputs, withRespectTo: wanted, gradients: Array(all[count...]), createGraph: true,
        allowUnused: true)
      return gradients.compactMap { $0 }
    }
  try gradcheck(inputs + seeds, eps: eps, atol: atol, rtol: rtol, checked)
}

/// One comparison under way.
private struct GradCheck {
  let function: ([Tensor]) throws -> [Tensor]
  let eps: Double
  let atol: Double
  let rtol: Double

  func run(_ inputs: [Tensor]) throws(TensorError) {
    for (index, input) in inputs.enumerated() where input.requiresGrad && input.dtype != .float64 {
      throw TensorError(
        .dtypeMismatch, "gradcheck", shapes: [input.shape], dtypes: [input.dtype],
        "input \(index) must be float64: differences in other dtypes are too coarse")
    }
    guard inputs.contains(where: \.requiresGrad) else {
      throw TensorError(.invalidArgument, "gradcheck", "no input requires a gradient")
    }
    let outputs = try Self.call(function, inputs)
    let shapes = outputs.map(\.shape)
    let analytic = try analyticRows(inputs, outputs)
    for (index, input) in inputs.enumerated() where input.requiresGrad {
      for element in 0..<input.count {
        let column = try numericColumn(inputs, shapes, index, element)
        try compare(analytic, column: column, index, element)
      }
    }
  }

  static func call(
    _ function: ([Tensor]) throws -> [Tensor], _ inputs: [Tensor]
  ) throws(TensorError) -> [Tensor] {
    do { return try function(inputs) } catch { throw TensorError.wrapping(error, "gradcheck") }
  }

  /// An output's place among all outputs, and the gradients of its elements: by element, by input.
  private struct Rows {
    let output: Int
    let gradients: [[[Double]]]
  }

  private func analyticRows(
    _ inputs: [Tensor], _ outputs: [Tensor]
  ) throws(TensorError) -> [Rows] {
    let isConstant = !outputs.contains(where: \.requiresGrad)
    var all: [Rows] = []
    for (index, output) in outputs.enumerated() where output.requiresGrad || isConstant {
      var gradients: [[[Double]]] = []
      for element in 0..<output.count {
        gradients.append(
          isConstant
            ? inputs.map { [Double](repeating: 0, count: $0.count) }
            : try row(inputs, output, element))
      }
      all.append(Rows(output: index, gradients: gradients))
    }
    return all
  }

  /// The gradients of one element of an output, by input; empty for inputs that require none.
  private func row(
    _ inputs: [Tensor], _ output: Tensor, _ element: Int
  ) throws(TensorError) -> [[Double]] {
    var seed = [Double](repeating: 0, count: output.count)
    seed[element] = 1
    let places = inputs.indices.filter { inputs[$0].requiresGrad }
    let found = try Tensor.grad(
      of: [output], withRespectTo: places.map { inputs[$0] },
      gradients: [Tensor(scalars: seed, shape: output.shape, dtype: output.dtype)],
      retainGraph: true, allowUnused: true)
    var rows = [[Double]](repeating: [], count: inputs.count)
    for (place, gradient) in zip(places, found) {
      let input = inputs[place]
      guard let gradient else {
        rows[place] = [Double](repeating: 0, count: input.count)
        continue
      }
      guard gradient.shape == input.shape, gradient.dtype == input.dtype else {
        throw TensorError(
          .shapeMismatch, "gradcheck", shapes: [input.shape, gradient.shape],
          dtypes: [input.dtype, gradient.dtype], "a gradient must have its input's shape and dtype")
      }
      rows[place] = try gradient.scalars(as: Double.self)
    }
    return rows
  }

  /// The slopes of all outputs along one element of one input.
  private func numericColumn(
    _ inputs: [Tensor], _ shapes: [Shape], _ index: Int, _ element: Int
  ) throws(TensorError) -> [[Double]] {
    let above = try values(inputs, shapes, index, element, by: eps)
    let below = try values(inputs, shapes, index, element, by: -eps)
    return zip(above, below).map { zip($0, $1).map { ($0 - $1) / (2 * eps) } }
  }

  private func values(
    _ inputs: [Tensor], _ shapes: [Shape], _ index: Int, _ element: Int, by step: Double
  ) throws(TensorError) -> [[Double]] {
    // The others as they were, so that a function that itself differentiates can.
    var moved = inputs
    var scalars = try inputs[index].scalars(as: Double.self)
    scalars[element] += step
    moved[index] = try Tensor(scalars: scalars, shape: inputs[index].shape, requiresGrad: true)
    let outputs = try Self.call(function, moved)
    guard outputs.map(\.shape) == shapes else {
      throw TensorError(
        .invalidArgument, "gradcheck", shapes: outputs.map(\.shape),
        "the function gave results of other shapes when element \(element) of input \(index) moved by \(step); "
          + "their number and shapes must not depend on the inputs' values")
    }
    var result: [[Double]] = []
    for output in outputs { result.append(try output.detach().scalars(as: Double.self)) }
    return result
  }

  private func compare(
    _ analytic: [Rows], column: [[Double]], _ input: Int, _ inputElement: Int
  ) throws(TensorError) {
    for rows in analytic {
      for (element, gradients) in rows.gradients.enumerated() {
        let (a, n) = (gradients[input][inputElement], column[rows.output][element])
        // Written so that NaN differs from everything.
        if abs(a - n) <= atol + rtol * abs(n) { continue }
        let mismatch = GradientMismatch(
          input: input, inputElement: inputElement, output: rows.output, outputElement: element,
          analytic: a, numeric: n)
        throw TensorError(.underlying(mismatch), "gradcheck", "\(mismatch)")
      }
    }
  }
}
