import Tributary
import TributarySplitMix
import TributaryStress

/// How an operand lies in memory.
enum Form: CaseIterable, Sendable {
  case dense, transposed, sliced, expanded
}

/// An operand of a sample: shape, range of its values, form.
struct Operand: Sendable {
  var shape: Shape
  var range: ClosedRange<Double> = -1.5...1.5
  var form = Form.dense

  /// A dense leaf, from which ``view(of:)`` makes the operand.
  func leaf(_ random: inout SplitMix, dtype: DType = .float64) throws -> Tensor {
    var shape = self.shape
    switch form {
    case .dense: break
    case .transposed:
      let size = shape[shape.rank - 1]
      for i in stride(from: shape.rank - 1, to: 0, by: -1) { shape[i] = shape[i - 1] }
      shape[0] = size
    case .sliced: shape[shape.rank - 1] = 2 * shape[shape.rank - 1] + 1
    case .expanded: shape[0] = 1
    }
    let values = (0..<shape.reduce(1, *)).map { _ in random.real(in: range) }
    return try Tensor(scalars: values, shape: shape, dtype: dtype, requiresGrad: true)
  }

  /// The operand as a view of its leaf.
  func view(of leaf: Tensor) throws -> Tensor {
    switch form {
    case .dense: leaf
    case .transposed: try leaf.movedim(0, shape.rank - 1)
    case .sliced: try leaf.slice(shape.rank - 1, start: 1, step: 2)
    case .expanded: try leaf.expand(shape)
    }
  }

  func lying(_ form: Form) -> Operand {
    var result = self
    result.form = shape.rank == 0 || form == .transposed && shape.rank < 2 ? .dense : form
    return result
  }
}
