import Tributary

// What the optimizers share.

/// A parameter's gradient as the fused updates want it; nil where it has none.
func denseGradient(
  of parameter: Tensor, _ operation: String
) throws(TensorError) -> Tensor? {
  guard let gradient = parameter.grad else { return nil }
  guard parameter.isContiguous, parameter.dtype.isFloatingPoint else {
    throw TensorError(
      .invalidArgument, operation: operation, shapes: [parameter.shape],
      dtypes: [parameter.dtype], "a parameter must be a dense floating-point tensor; clone it first"
    )
  }
  // Detached before the copy: an update is not recorded.
  return try gradient.isContiguous ? gradient : gradient.detach().contiguous()
}

/// The parameters in their order, each once: two updates of one parameter at a time would race.
func withoutRepeats(_ parameters: [Tensor]) -> [Tensor] {
  var seen: Set<ObjectIdentifier> = []
  return parameters.filter { seen.insert(ObjectIdentifier($0)).inserted }
}

/// Throws for a setting that is negative, infinite or no number.
func requireNotNegative(
  _ value: Double, _ name: String, _ operation: String
) throws(TensorError) {
  guard value.isFinite, value >= 0 else {
    throw TensorError(
      .invalidArgument, operation: operation, "\(name) is \(value); it must be 0 or more")
  }
}
