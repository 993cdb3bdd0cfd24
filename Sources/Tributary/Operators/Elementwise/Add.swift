import CTributaryKernels

extension Tensor {
  /// The sum, element by element, of broadcast operands.
  public func add(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ADD, self, other, "add")
    if AutogradMode.records(self, other) { out.record(AddBackward(self, other)) }
    return out
  }

  package func add(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ADD, self, scalar, "add")
    if AutogradMode.records(self) { out.record(AddBackward(self)) }
    return out
  }

  public func add(_ other: Double) throws(TensorError) -> Tensor { try add(.real(other)) }
  public func add(_ other: Int) throws(TensorError) -> Tensor { try add(.integer(other)) }

  public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.add(b) }
  public static func + (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.add(b) }
  public static func + (a: Double, b: Tensor) throws(TensorError) -> Tensor { try b.add(a) }
  public static func + (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.add(b) }
  public static func + (a: Int, b: Tensor) throws(TensorError) -> Tensor { try b.add(a) }
}

final class AddBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    for input in 0..<Int(edgeCount) where sink.wants(input) {
      sink[input] = try fitted(gradient, toInput: input)
    }
  }
}
