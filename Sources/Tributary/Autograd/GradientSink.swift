/// Where a node puts the gradients of its inputs.
package struct GradientSink {
  private var first: Tensor?
  private var second: Tensor?
  private var more: [Tensor?] = []
  // SAFETY: whoever makes a sink holds the node as long as the sink.
  private let node: Unmanaged<Node>
  /// Bit i: input i leads to something that the pass wants. Inputs past 63 are always wanted.
  private let mask: UInt64

  @inline(__always)
  package init(_ node: Node, wanted mask: UInt64 = .max) {
    self.node = .passUnretained(node)
    self.mask = mask
  }

  /// Whether the gradient of input `index` is of use to anyone.
  @inline(__always)
  package func wants(_ index: Int) -> Bool {
    node._withUnsafeGuaranteedRef { $0.edgeReference(index) != nil }
      && (index > 63 || mask & (1 << UInt64(index)) != 0)
  }

  @inline(__always)
  package subscript(index: Int) -> Tensor? {
    get {
      switch index {
      case 0: first
      case 1: second
      default: index - 2 < more.count ? more[index - 2] : nil
      }
    }
    set {
      switch index {
      case 0: first = newValue
      case 1: second = newValue
      default: setFurther(index - 2, newValue)
      }
    }
  }

  /// The gradient of input `index`, which the sink gives up.
  @inline(__always)
  mutating func take(_ index: Int) -> Tensor? {
    switch index {
    case 0: first.take()
    case 1: second.take()
    default: takeFurther(index - 2)
    }
  }

  // Never inlined: the array would be made unique for the first two inputs as well.
  @inline(never)
  private mutating func takeFurther(_ index: Int) -> Tensor? {
    index < more.count ? more[index].take() : nil
  }

  private mutating func setFurther(_ index: Int, _ value: Tensor?) {
    if more.isEmpty {
      more = Array(repeating: nil, count: Int(node._withUnsafeGuaranteedRef(\.edgeCount)) - 2)
    }
    more[index] = value
  }
}
