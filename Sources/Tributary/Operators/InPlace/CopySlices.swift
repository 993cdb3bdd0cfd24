/// What an in-place change of a view is to the view's base: the rest passes, the changed part goes through
/// the operation.
final class CopySlices: Node, @unchecked Sendable {
  /// The operation on the view. Its own first edge leads where the view's history led before.
  private let operation: Node
  private let geometry: Layout

  init(_ base: Tensor, _ operation: Node, _ geometry: Layout) {
    self.operation = operation
    self.geometry = geometry
    super.init(base, inputsAfterFirstOf: operation)
  }

  override var name: String { "CopySlices" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let dense = try gradient.contiguous()
    var wanted: UInt64 = 0
    for input in 0..<min(Int(edgeCount), 64) where sink.wants(input) {
      wanted |= 1 << UInt64(input)
    }
    var inner = GradientSink(operation, wanted: wanted)
    let part = try dense.asStrided(
      geometry.shape, strides: geometry.strides, offset: geometry.offset)
    try operation.apply(part, &inner)
    if sink.wants(0) { sink[0] = try dense.replacing(geometry, by: inner[0]) }
    for input in 1..<max(Int(edgeCount), 1) where sink.wants(input) { sink[input] = inner[input] }
  }

  override func releaseSaved() {
    super.releaseSaved()
    operation.releaseSaved()
  }
}

extension Tensor {
  /// A copy of this dense tensor with the elements at `geometry` replaced by those of `part`, or by zeros.
  fileprivate func replacing(_ geometry: Layout, by part: Tensor?) throws(TensorError) -> Tensor {
    let out = try denseCopy("CopySlices")
    let target = out.alias(geometry)
    if let part {
      target.copyElements(from: part)
    } else {
      target.fillElements(.integer(0))
    }
    if let part {
      if AutogradMode.records(self, part) {
        out.record(ReplacePartBackward(self, part, geometry))
      }
    } else if AutogradMode.records(self) {
      out.record(ReplacePartBackward(self, geometry))
    }
    return out
  }
}

final class ReplacePartBackward: Node, @unchecked Sendable {
  private let geometry: Layout

  init(_ whole: Tensor, _ part: Tensor, _ geometry: Layout) {
    self.geometry = geometry
    super.init(whole, part)
  }

  init(_ whole: Tensor, _ geometry: Layout) {
    self.geometry = geometry
    super.init(whole)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let dense = try gradient.contiguous()
    if sink.wants(0) { sink[0] = try dense.replacing(geometry, by: nil) }
    if edgeCount > 1, sink.wants(1) {
      sink[1] = try dense.asStrided(
        geometry.shape, strides: geometry.strides, offset: geometry.offset)
    }
  }
}
