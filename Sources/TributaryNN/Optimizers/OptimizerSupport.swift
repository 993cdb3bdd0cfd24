import Tributary

// What the optimizers share.

/// The parameters in their order, each once; throws for one that a backward pass leaves no gradient, that the
/// fused updates cannot write, or that shares memory with another: two updates at a time would race.
func checkedParameters(
  _ parameters: [Tensor], _ operation: String
) throws(TensorError) -> [Tensor] {
  var seen: Set<ObjectIdentifier> = []
  var checked: [Tensor] = []
  var spans: [(index: Int, begin: UInt, end: UInt)] = []
  for (index, parameter) in parameters.enumerated() {
    guard seen.insert(ObjectIdentifier(parameter)).inserted else { continue }
    if let fault = fault(of: parameter) {
      throw TensorError(
        .invalidArgument, operation: operation, shapes: [parameter.shape],
        dtypes: [parameter.dtype], "parameter \(index) \(fault)")
    }
    checked.append(parameter)
    let begin = UInt(bitPattern: parameter.pointer)
    spans.append((index, begin, begin + UInt(parameter.count * parameter.dtype.itemSize)))
  }
  spans.removeAll { $0.begin == $0.end }
  spans.sort { $0.begin < $1.begin }
  for (one, next) in zip(spans, spans.dropFirst()) where next.begin < one.end {
    let (first, second) = (min(one.index, next.index), max(one.index, next.index))
    throw TensorError(
      .invalidArgument, operation: operation,
      shapes: [parameters[first].shape, parameters[second].shape],
      "parameters \(first) and \(second) share memory; give the tensor once, or clone one of them")
  }
  return checked
}

/// What keeps a tensor from being a parameter.
private func fault(of parameter: Tensor) -> String? {
  if !parameter.dtype.isFloatingPoint { return "is not floating point; convert it first" }
  if !parameter.isLeaf {
    return
      "is a result, which no backward pass gives a gradient; detach it and call requiresGrad_()"
  }
  if !parameter.isContiguous { return "is not dense; clone and detach it first" }
  return nil
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
