import Testing
import Tributary
import TributaryStress

/// One operator: how it is called, on what, and what it refuses.
struct CatalogueEntry: Sendable, CustomTestStringConvertible {
  typealias Call = @Sendable ([Tensor]) throws -> [Tensor]

  let name: String
  let call: Call
  /// Operands of each sample.
  var samples: [[Operand]]
  /// Calls that must throw a `TensorError`.
  var refuses: [@Sendable () throws -> Void] = []
  var atol = 1e-5
  /// Whether second derivatives exist and are continuous on the samples.
  var isTwiceDifferentiable = true

  var testDescription: String { name }

  /// A function of one tensor: all small shapes, all forms.
  static func unary(
    _ name: String, in range: ClosedRange<Double> = -1.5...1.5, twice: Bool = true,
    refuses: [@Sendable () throws -> Void] = [],
    _ call: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> CatalogueEntry {
    let dense = ([[], [1], [3], [2, 3], [0], [2, 0, 3], [2, 1, 2]] as [Shape]).map {
      [Operand(shape: $0, range: range)]
    }
    let strided = ([.transposed, .sliced, .expanded] as [Form]).map {
      [Operand(shape: [3, 2], range: range).lying($0)]
    }
    return CatalogueEntry(
      name: name, call: { [try call($0[0])] }, samples: dense + strided, refuses: refuses,
      isTwiceDifferentiable: twice)
  }

  /// A function of two tensors that broadcast.
  static func binary(
    _ name: String, in first: ClosedRange<Double> = -1.5...1.5,
    _ second: ClosedRange<Double> = -1.5...1.5,
    refuses: [@Sendable () throws -> Void] = [],
    _ call: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> CatalogueEntry {
    let shapes: [(Shape, Shape)] = [
      ([], []), ([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1], [1, 3]), ([], [2]), ([2, 3], []),
      ([1], [1]), ([0, 3], [3]), ([0], [1]), ([3], [2, 1, 3]),
    ]
    let dense = shapes.map {
      [Operand(shape: $0, range: first), Operand(shape: $1, range: second)]
    }
    let strided = ([.transposed, .sliced, .expanded] as [Form]).flatMap { form in
      [
        [
          Operand(shape: [3, 2], range: first).lying(form), Operand(shape: [3, 2], range: second),
        ],
        [Operand(shape: [2], range: first), Operand(shape: [3, 2], range: second).lying(form)],
      ]
    }
    let mismatch: @Sendable () throws -> Void = {
      _ = try call(.ones([2, 3], dtype: .float64), .ones([4], dtype: .float64))
    }
    return CatalogueEntry(
      name: name, call: { [try call($0[0], $0[1])] }, samples: dense + strided,
      refuses: refuses + [mismatch])
  }

  /// A function of tensors of the given shapes: each sample dense and in each other form.
  static func shaped(
    _ name: String, _ shapes: [[Shape]], in range: ClosedRange<Double> = -1.5...1.5,
    twice: Bool = true, refuses: [@Sendable () throws -> Void] = [], _ call: @escaping Call
  ) -> CatalogueEntry {
    CatalogueEntry(
      name: name, call: call,
      samples: shapes.flatMap { shapes in
        Form.allCases.map { form in
          shapes.map { Operand(shape: $0, range: range).lying($0.contains(0) ? .dense : form) }
        }
      }, refuses: refuses, isTwiceDifferentiable: twice)
  }
}
