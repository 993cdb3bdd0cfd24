/// Where a node puts the gradients of its inputs.
package struct GradientSink {
  private var first: Tensor?
  private var second: Tensor?
  private var more: [Tensor?] = []
  /// Where set, the gradient of input 0 (1) is the product of what stands above and this, left to whoever sums it.
  private var firstFactor: Tensor?
  private var secondFactor: Tensor?
  // SAFETY: whoever makes a sink holds the node as long as the sink.
  private let node: Unmanaged<Node>
  /// Bit i: input i leads to something that the pass wants. Inputs past 63 are always wanted.
  private let mask: UInt64
  private let takesProducts: Bool

  /// `takesProducts`: whoever reads the sink asks for ``takeFactor(_:)`` as well.
  @inline(__always)
  package init(_ node: Node, wanted mask: UInt64 = .max, takesProducts: Bool = false) {
    self.node = .passUnretained(node)
    self.mask = mask
    self.takesProducts = takesProducts
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

  /// Gives input `index`, 0 or 1, the product of two tensors, summed to the input's shape and cast to its dtype.
  ///
  /// Where nothing is to be summed, cast or recorded, the product may be formed by whoever sums the input's
  /// contributions, straight into the sum.
  package mutating func give(
    _ a: Tensor, times b: Tensor, toInput index: Int
  ) throws(TensorError) {
    // SAFETY: as said of `node`.
    let node = node.takeUnretainedValue()
    let shape = try Shape.broadcast(a.shape, b.shape, "mul")
    guard takesProducts, a.dtype == b.dtype, a.dtype == node.inputDType(index), !a.dtype.isHalf,
      shape == node.inputShape(index), !AutogradMode.records(a, b)
    else {
      self[index] = try node.fitted(a.mul(b), toInput: index)
      return
    }
    if index == 0 {
      (first, firstFactor) = (a, b)
    } else {
      (second, secondFactor) = (a, b)
    }
  }

  /// What the tensor at `index` is to be multiplied by; nil where it is the gradient itself.
  @inline(__always)
  mutating func takeFactor(_ index: Int) -> Tensor? {
    switch index {
    case 0: firstFactor.take()
    case 1: secondFactor.take()
    default: nil
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
