/// Where a node puts the gradients of its inputs.
package struct GradientSink {
  private var first: Tensor?
  private var second: Tensor?
  private var more: [Tensor?] = []
  /// In place of the gradients of inputs 0 and 1.
  private var firstProduct: ProductGradient?
  private var secondProduct: ProductGradient?
  // SAFETY: whoever makes a sink holds the node as long as the sink.
  private let node: Unmanaged<Node>
  /// Bit i: input i leads to something that the pass wants. Inputs past 63 are always wanted.
  private let mask: UInt64
  private let takesProducts: Bool

  /// `takesProducts`: whoever reads the sink asks for ``takeProduct(_:)`` as well.
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

  /// Gives input `index`, 0 or 1, a product, summed to the input's shape and cast to its dtype.
  ///
  /// Where none of that is to be done the product may be formed by whoever sums the input's contributions.
  package mutating func give(
    _ product: ProductGradient, toInput index: Int
  ) throws(TensorError) {
    // SAFETY, here and below: as said of `node`.
    let (shape, dtype) = node._withUnsafeGuaranteedRef {
      ($0.inputShape(index), $0.inputDType(index))
    }
    guard takesProducts, try product.fits(shape, dtype) else {
      let formed = try product.formed()
      self[index] = try node.borrowed { (node) throws(TensorError) in
        try node.fitted(formed, toInput: index)
      }
      return
    }
    if index == 0 { firstProduct = product } else { secondProduct = product }
  }

  /// Whether ``give(_:toInput:)`` has left anything unformed.
  @inline(__always)
  var hasProducts: Bool { firstProduct != nil || secondProduct != nil }

  /// What ``give(_:toInput:)`` has left unformed.
  @inline(__always)
  mutating func takeProduct(_ index: Int) -> ProductGradient? {
    switch index {
    case 0: firstProduct.take()
    case 1: secondProduct.take()
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
