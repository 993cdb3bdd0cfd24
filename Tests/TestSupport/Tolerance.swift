import Tributary

extension Tensor {
  /// Whether all elements agree within `absolute + relative · |other|`; NaN agrees with NaN.
  package func isNear(
    _ other: Tensor, absolute: Double = 1e-12, relative: Double = 1e-10
  ) throws(TensorError) -> Bool {
    guard shape == other.shape else { return false }
    let (a, b) = (try scalars(as: Double.self), try other.scalars(as: Double.self))
    return zip(a, b).allSatisfy { x, y in
      x == y || (x.isNaN && y.isNaN) || Swift.abs(x - y) <= absolute + relative * Swift.abs(y)
    }
  }
}
