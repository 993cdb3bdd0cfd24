import CTributaryKernels
import TributaryParallel

/// How a loss is gathered over its elements, or over the rows of a batch.
public enum LossReduction: Sendable {
  case none, mean, sum

  /// The losses that `op` makes of two operands, broadcast and promoted, gathered; and how many there were. Not recorded:
  /// the caller does that.
  func gather(
    _ op: tri_binary_op, _ a: Tensor, _ b: Tensor, _ operation: StaticString,
    cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) -> (loss: Tensor, count: Int) {
    if self != .none, a.count > 0, a.count <= SmallRoom.byteCount / a.dtype.itemSize,
      a.shape == b.shape, a.dtype == b.dtype, a.isContiguous, b.isContiguous,
      let map = tri_binary(kernels, op, a.dtype.kernel)
    {
      return (try gatherFew(map, a, b, operation), a.count)
    }
    let losses = try Binary.apply(op, a, b, operation, cost: cost)
    switch self {
    case .none: return (losses, losses.count)
    case .mean: return (try losses.mean(), losses.count)
    case .sum: return (try losses.sum(), losses.count)
    }
  }

  /// Of few, which lie on the stack: a tensor of their own would outweigh them.
  private func gatherFew(
    _ map: tri_map_fn, _ a: Tensor, _ b: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(Shape(), dtype: a.dtype, operation)
    let (n, op) = (Int64(a.count), self == .mean ? TRI_REDUCE_MEAN : TRI_REDUCE_SUM)
    withStandardFloatingPoint {
      SmallRoom.with { losses in
        // SAFETY: the room holds the n losses, which are written before they are read; the operands hold n dense elements
        // each and `out` one.
        map(losses, a.pointer, b.pointer, nil, n, 0, nil)
        tri_reduce_rows(kernels, op, a.dtype.kernel, losses, n, 0, 1, out.pointer)
      }
    }
    return out
  }
}
