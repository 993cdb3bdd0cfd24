/// Where a gradient differs from the slope that differences of the function's values give.
public struct GradientMismatch: Error, Sendable, CustomStringConvertible {
  /// The input, and the element of it in row-major order.
  public let input: Int
  public let inputElement: Int
  /// The output, and the element of it, whose derivative this is.
  public let output: Int
  public let outputElement: Int
  /// What the backward pass gave.
  public let analytic: Double
  /// What central differences gave.
  public let numeric: Double

  public var description: String {
    "the derivative of output \(output), element \(outputElement), by input \(input), element "
      + "\(inputElement): backward gives \(analytic), differences give \(numeric)"
  }
}

/// Compares the gradients of `function` at `inputs` with central differences of its values.
///
/// - Parameters:
///   - function: from tensors to tensors, the same at each call. Outputs that require no gradient are left out.
///   - inputs: float64; those that require a gradient are checked, element by element.
///   - eps: half the difference's width.
///   - absoluteTolerance, relativeTolerance: a derivative may differ by `absolute + relative · |numeric|`.
///
/// Throws a ``TensorError`` of kind `underlying`, around a ``GradientMismatch``, at the first derivative that
/// differs; and what `function` throws. The cost is two calls of `function` for each element of the inputs and
/// a backward pass for each element of the outputs. The defaults are PyTorch's.
public func gradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, absoluteTolerance: Double = 1e-5,
  relativeTolerance: Double = 1e-3, _ function: @escaping ([Tensor]) throws -> [Tensor]
) throws(TensorError) {
  let check = GradCheck(
    function: function, eps: eps, absolute: absoluteTolerance, relative: relativeTolerance)
  try check.run(inputs)
}

/// The same for second derivatives: checks the gradient's own gradients, with respect to the inputs and to
/// random gradients of the outputs.
public func gradgradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, absoluteTolerance: Double = 1e-5,
  relativeTolerance: Double = 1e-3, _ function: @escaping ([Tensor]) throws -> [Tensor]
) throws(TensorError) {
  let count = inputs.count
  let outputs = try GradCheck.call(function, inputs).filter(\.requiresGrad)
  let generator = Generator(seed: 0)
  var seeds: [Tensor] = []
  for output in outputs {
    seeds.append(
      try Tensor.randn(
        output.shape, dtype: output.dtype, generator: generator, requiresGrad: true))
  }
  try gradcheck(
    inputs + seeds, eps: eps, absoluteTolerance: absoluteTolerance,
    relativeTolerance: relativeTolerance
  ) { all in
    let outputs = try function(Array(all[..<count])).filter(\.requiresGrad)
    let wanted = all[..<count].filter(\.requiresGrad)
    let gradients = try enableGrad {
      try Tensor.grad(
        of: outputs, withRespectTo: wanted, gradients: Array(all[count...]), createGraph: true,
        allowUnused: true)
    }
    return gradients.compactMap { $0 }
  }
}

/// One comparison under way.
private struct GradCheck {
  let function: ([Tensor]) throws -> [Tensor]
  let eps: Double
  let absolute: Double
  let relative: Double

  func run(_ inputs: [Tensor]) throws(TensorError) {
    for (index, input) in inputs.enumerated() where input.requiresGrad && input.dtype != .float64 {
      throw TensorError(
        .dtypeMismatch, "gradcheck", shapes: [input.shape], dtypes: [input.dtype],
        "input \(index) must be float64: differences in other dtypes are too coarse")
    }
    guard inputs.contains(where: \.requiresGrad) else {
      throw TensorError(.invalidArgument, "gradcheck", "no input requires a gradient")
    }
    let analytic = try analyticRows(inputs)
    for (index, input) in inputs.enumerated() where input.requiresGrad {
      for element in 0..<input.count {
        try compare(analytic, column: numericColumn(inputs, index, element), index, element)
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

  private func analyticRows(_ inputs: [Tensor]) throws(TensorError) -> [Rows] {
    let outputs = try Self.call(function, inputs)
    var all: [Rows] = []
    for (index, output) in outputs.enumerated() where output.requiresGrad {
      var gradients: [[[Double]]] = []
      for element in 0..<output.count {
        var seed = [Double](repeating: 0, count: output.count)
        seed[element] = 1
        gradients.append(
          try row(
            inputs, output,
            Tensor(scalars: seed, shape: output.shape, dtype: output.dtype)))
      }
      all.append(Rows(output: index, gradients: gradients))
    }
    return all
  }

  private func row(
    _ inputs: [Tensor], _ output: Tensor, _ seed: Tensor
  ) throws(TensorError) -> [[Double]] {
    let wanted = inputs.filter(\.requiresGrad)
    var found = try Tensor.grad(
      of: [output], withRespectTo: wanted, gradients: [seed], retainGraph: true, allowUnused: true
    ).makeIterator()
    var rows: [[Double]] = []
    for input in inputs {
      guard input.requiresGrad, let next = found.next() else {
        rows.append([])
        continue
      }
      guard let gradient = next else {
        rows.append([Double](repeating: 0, count: input.count))
        continue
      }
      guard gradient.shape == input.shape, gradient.dtype == input.dtype else {
        throw TensorError(
          .shapeMismatch, "gradcheck", shapes: [input.shape, gradient.shape],
          dtypes: [input.dtype, gradient.dtype], "a gradient must have its input's shape and dtype")
      }
      rows.append(try gradient.scalars(as: Double.self))
    }
    return rows
  }

  /// The slopes of all outputs along one element of one input.
  private func numericColumn(
    _ inputs: [Tensor], _ index: Int, _ element: Int
  ) throws(TensorError) -> [[Double]] {
    let above = try values(inputs, index, element, by: eps)
    let below = try values(inputs, index, element, by: -eps)
    return zip(above, below).map { zip($0, $1).map { ($0 - $1) / (2 * eps) } }
  }

  private func values(
    _ inputs: [Tensor], _ index: Int, _ element: Int, by step: Double
  ) throws(TensorError) -> [[Double]] {
    var moved: [Tensor] = []
    for (place, input) in inputs.enumerated() {
      guard place == index else {
        // As it was, so that a function that itself differentiates can.
        moved.append(input)
        continue
      }
      var scalars = try input.scalars(as: Double.self)
      scalars[element] += step
      moved.append(try Tensor(scalars: scalars, shape: input.shape, requiresGrad: true))
    }
    var result: [[Double]] = []
    for output in try Self.call(function, moved) {
      result.append(try output.detach().scalars(as: Double.self))
    }
    return result
  }

  private func compare(
    _ analytic: [Rows], column: [[Double]], _ input: Int, _ inputElement: Int
  ) throws(TensorError) {
    for rows in analytic {
      for (element, gradients) in rows.gradients.enumerated() {
        let (a, n) = (gradients[input][inputElement], column[rows.output][element])
        // Written so that NaN differs from everything.
        if abs(a - n) <= absolute + relative * abs(n) { continue }
        let mismatch = GradientMismatch(
          input: input, inputElement: inputElement, output: rows.output, outputElement: element,
          analytic: a, numeric: n)
        throw TensorError(.underlying(mismatch), "gradcheck", "\(mismatch)")
      }
    }
  }
}
