import Testing
import Tributary

/// Compares first, and second, gradients of `function` with central differences in float64.
func expectGradients(
  of inputs: [Tensor], second: Bool = true, tolerance: Double = 1e-6, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ function: @Sendable ([Tensor]) throws -> Tensor
) throws {
  func leaves(_ values: [[Double]]) throws -> [Tensor] {
    try zip(values, inputs).map {
      try Tensor(scalars: $0, shape: $1.shape, dtype: .float64, requiresGrad: true)
    }
  }
  let values = try inputs.map { try $0.doubles() }
  let xs = try leaves(values)
  var numbers = Numbers(99)
  let out = try function(xs)
  let weight = try numbers.tensor(out.shape, in: 0.5...1.5)
  let directions = try inputs.map { try numbers.tensor($0.shape, in: 0.5...1.5) }

  func weighted(_ values: [[Double]]) throws -> Double {
    zip(try function(leaves(values)).doubles(), try weight.doubles()).map(*).reduce(0, +)
  }
  func slope(_ values: [[Double]]) throws -> Double {
    let xs = try leaves(values)
    let grads = try Tensor.grad(
      of: [function(xs)], withRespectTo: xs, gradients: [weight], allowUnused: true)
    return try zip(grads, directions).map { grad, direction in
      try zip(grad?.doubles() ?? [], direction.doubles()).map(*).reduce(0, +)
    }.reduce(0, +)
  }
  func expectDifferences(
    _ analytic: [Tensor?], _ order: String, _ value: ([[Double]]) throws -> Double
  ) throws {
    for (index, gradient) in analytic.enumerated() {
      let numbers = try gradient?.doubles() ?? values[index].map { _ in 0 }
      if let gradient {
        #expect(gradient.shape == inputs[index].shape, sourceLocation: sourceLocation)
      }
      for position in values[index].indices {
        let step = 1e-5
        var (up, down) = (values, values)
        up[index][position] += step
        down[index][position] -= step
        let expected = (try value(up) - value(down)) / (2 * step)
        #expect(
          agree(numbers[position], expected, tolerance),
          "\(name), \(order) gradient of input \(index): \(numbers[position]), expected \(expected)",
          sourceLocation: sourceLocation)
      }
    }
  }

  let first = try Tensor.grad(
    of: [out], withRespectTo: xs, gradients: [weight], createGraph: second, allowUnused: true)
  try expectDifferences(first, "first", weighted)
  guard second else { return }
  let live = zip(first, directions).compactMap { grad, direction in
    grad.map { ($0, direction) }
  }.filter { $0.0.requiresGrad }
  if live.isEmpty { return }
  let again = try Tensor.grad(
    of: live.map(\.0), withRespectTo: xs, gradients: live.map(\.1), allowUnused: true)
  try expectDifferences(again, "second", slope)
}
