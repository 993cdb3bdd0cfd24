import Tributary

extension Tensor {
  /// A parameter, uniform in ±`bound`. Of a half it is what float32 has for the same draws, rounded once.
  static func parameter(
    _ shape: Shape, within bound: Double, _ dtype: DType, _ generator: Generator?
  ) throws(TensorError) -> Tensor {
    let unit = try rand(shape, dtype: dtype.computing, generator: generator)
    return try ((unit * 2 - 1) * bound).to(dtype).requiresGrad_()
  }
}
