/// A part of a tensor that a view can show, and whose gradient is that of the whole, zeros elsewhere.
protocol TensorPart: Sendable {
  /// The node's name without `Backward0`.
  static var title: StaticString { get }

  /// The gradient's operation as errors name it.
  static var embedding: StaticString { get }

  /// Where the part lies in a tensor.
  func layout(in whole: Layout) -> Layout
}

extension Tensor {
  /// A view of `part`.
  func view(of part: some TensorPart) -> Tensor {
    recordedView(part.layout(in: layout), nanoseconds: embeddingCost) { PartBackward($0, part) }
  }

  /// Zeros of `shape` with this tensor as `part`: the gradient through ``view(of:)``.
  fileprivate func placed<P: TensorPart>(
    as part: P, in shape: Shape
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.filled(shape, .integer(0), dtype: dtype, P.embedding)
    out.alias(part.layout(in: out.layout)).copyElements(from: self)
    if AutogradMode.records(self) {
      out.record(PartBackwardBackward(self, part), nanoseconds: Node.viewCost)
    }
    return out
  }
}

final class PartBackward<P: TensorPart>: Node, @unchecked Sendable {
  private let part: P

  init(_ x: Tensor, _ part: P) {
    self.part = part
    super.init(x)
  }

  override var name: String { "\(P.title)Backward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.placed(as: part, in: inputShape(0)) }
  }
}

final class PartBackwardBackward<P: TensorPart>: Node, @unchecked Sendable {
  private let part: P

  init(_ g: Tensor, _ part: P) {
    self.part = part
    super.init(g)
  }

  override var name: String { "\(P.title)BackwardBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient.view(of: part) }
  }
}
