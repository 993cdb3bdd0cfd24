import TestTools
import Testing
import Tributary
import TributaryMemory
import TributarySplitMix

/// Products that are formed in the sum they go into have the bits of products that are formed before.
@Suite struct EngineProductFoldTests {
  /// What one slot gets.
  private enum Contribution {
    case none
    case gradient(Tensor)
    case product(ProductGradient)

    var formed: Tensor? {
      get throws(TensorError) {
        switch self {
        case .none: nil
        case .gradient(let gradient): gradient
        case .product(let product): try product.formed()
        }
      }
    }

    func deposit(in fold: GradientFold, at slot: Int) throws(TensorError) -> Int {
      switch self {
      case .none: fold.deposit(nil, at: slot)
      case .gradient(let gradient): fold.deposit(gradient, at: slot)
      case .product(let product):
        if let folded = try fold.form(product, at: slot) {
          folded
        } else {
          fold.deposit(try product.formed(), at: slot)
        }
      }
    }
  }

  private static let shape: Shape = [3, 40]

  /// Dense, repeated and broadcast factors; zeros of both signs, and numbers whose sums round.
  private static func contributions(
    _ count: Int, _ dtype: DType, _ random: inout SplitMix
  ) throws -> [Contribution] {
    func factor(_ shape: Shape) throws -> Tensor {
      var values: [Double] = []
      for _ in 0..<shape.reduce(1, *) {
        values.append(
          random.oneIn(9) ? -0.0 : random.real(in: -1...1) * (random.oneIn(3) ? 1e5 : 1))
      }
      return try Tensor(values, dtype: dtype).reshape(shape)
    }
    func product(_ a: Shape, _ b: Shape) throws -> Contribution {
      .product(ProductGradient(try factor(a), try factor(b), .elements))
    }
    func matrices(_ transposed: Bool, _ otherTransposed: Bool) throws -> Contribution {
      let k = [0, 1, 5, 512, 700][random.below(5)]
      let (a, b) = (
        try factor(transposed ? [k, 3] : [3, k]), try factor(otherTransposed ? [40, k] : [k, 40])
      )
      return .product(
        ProductGradient(
          a, b, .matrices(transposed: transposed, otherTransposed: otherTransposed)))
    }
    return try (0..<count).map { _ in
      switch random.below(8) {
      case 0: .none
      case 1: .gradient(try factor(shape))
      case 2: try product(shape, shape)
      case 3:
        .product(
          ProductGradient(try factor([1, 1]).expand(shape), try factor([3, 1]), .elements))
      case 4: try product([1, 40], shape)
      case 5: .product(ProductGradient(try factor([40, 3]).t(), try factor([1]), .elements))
      default: try matrices(random.oneIn(2), random.oneIn(2))
      }
    }
  }

  /// Through the fold, each product formed first and brought in order.
  private static func expected(_ contributions: [Contribution]) throws -> Tensor? {
    let fold = GradientFold(slotCount: contributions.count)
    for (slot, contribution) in contributions.enumerated() {
      _ = fold.deposit(try contribution.formed, at: slot)
    }
    return try fold.take()
  }

  private static func agree(_ a: Tensor?, _ b: Tensor?) throws -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    func bits(_ tensor: Tensor) throws -> [UInt64] {
      try tensor.to(.float64).scalars(as: Double.self).map(\.bitPattern)
    }
    return try a.shape == b.shape && a.dtype == b.dtype && bits(a) == bits(b)
  }

  @Test(arguments: [DType.float32, .float64], [1, 2, 5, 16, 17, 100])
  func anyArrivalGivesTheBitsOfFormedProducts(_ dtype: DType, _ count: Int) throws {
    for seed in 0..<20 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let contributions = try Self.contributions(count, dtype, &random)
      let expected = try Self.expected(contributions)
      // In order, where most products meet a sum, and in any.
      for order in [Array(0..<count), (0..<count).shuffled(using: &random)] {
        let fold = GradientFold(slotCount: count)
        var folded = 0
        for slot in order { folded += try contributions[slot].deposit(in: fold, at: slot) }
        #expect(folded == count)
        #expect(try Self.agree(fold.take(), expected), "seed \(seed)")
      }
    }
  }

  @Test(arguments: [16, 33, 400])
  func concurrentArrivalGivesTheBitsOfFormedProducts(_ count: Int) throws {
    for seed in 0..<10 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let contributions = try Self.contributions(count, .float32, &random)
      let expected = try Self.expected(contributions)
      let fold = GradientFold(slotCount: count)
      let order = random.oneIn(2) ? (0..<count).shuffled(using: &random) : Array(0..<count)
      let threads = 4
      let counts = Counter()
      onThreads(threads) { thread in
        for place in stride(from: thread, to: count, by: threads) {
          do {
            counts.add(try contributions[order[place]].deposit(in: fold, at: order[place]))
          } catch { Issue.record(error) }
        }
      }
      #expect(counts.total == count)
      #expect(try Self.agree(fold.take(), expected), "seed \(seed)")
    }
  }

  /// As large as is packed, split over k, and neither; several blocks of k.
  @Test(arguments: [DType.float32, .float64], [[96, 160, 700], [8, 24, 3_000], [200, 40, 64]])
  func largeMatricesHaveTheBitsOfFormedProducts(_ dtype: DType, _ sizes: [Int]) throws {
    let (m, n, k) = (sizes[0], sizes[1], sizes[2])
    for threads in [1, 3] {
      try withThreads(threads) {
        var (late, early) = (GradientSum(), GradientSum())
        for round in 0..<3 {
          let a = try Tensor.randn([m, k], dtype: dtype)
          let b = try Tensor.randn(round == 1 ? [n, k] : [k, n], dtype: dtype)
          let product = ProductGradient(
            a, b, .matrices(transposed: false, otherTransposed: round == 1))
          try late.add(product: product)
          try early.add(product.formed())
        }
        #expect(try Self.agree(late.value, early.value))
      }
    }
  }

  /// Neither the factors nor a first gradient, which is the caller's, are written to.
  @Test func nothingThatCameInIsChanged() throws {
    let first = try Tensor.full([2, 2], 2.0)
    let (a, b) = (try Tensor.full([2, 2], 3.0), try Tensor.full([2, 2], 5.0))
    for (kind, expected) in [
      (ProductGradient.Kind.elements, 47 as Float),
      (.matrices(transposed: false, otherTransposed: false), 92),
    ] {
      var sum = GradientSum()
      try sum.add(first)
      for _ in 0..<3 { try sum.add(product: ProductGradient(a, b, kind)) }
      #expect(try sum.value?.scalars(as: Float.self) == [Float](repeating: expected, count: 4))
      for (tensor, value) in [(first, 2 as Float), (a, 3), (b, 5)] {
        #expect(try tensor.scalars(as: Float.self) == [Float](repeating: value, count: 4))
      }
    }
  }

  /// From the first on, products go into one buffer; whole passes too.
  @Test func productsThatComeInOrderTakeOneBuffer() throws {
    let (a, b) = (try Tensor.full([8], 3.0), try Tensor.full([8], 5.0))
    let product = ProductGradient(a, b, .elements)
    let fold = GradientFold(slotCount: 16)
    for slot in 0..<16 { #expect(try fold.form(product, at: slot) == 1) }
    var sum = GradientSum()
    var buffer: UnsafeMutableRawPointer?
    for _ in 0..<16 {
      try sum.add(product: product)
      #expect(buffer == nil || sum.value?.pointer == buffer)
      buffer = sum.value?.pointer
    }
    #expect(try Self.agree(fold.take(), sum.value))
  }

  /// A hook on the node sees the product, a cast or summed gradient is no product, and a graph of the gradient has it as
  /// a node.
  @Test func whoeverLooksSeesTheGradient() throws {
    for hooked in [false, true] {
      let w = try Tensor.full([2, 3], 2.0, requiresGrad: true)
      let wide = try Tensor.full([3], 3.0, dtype: .float64, requiresGrad: true)
      let square = try Tensor.full([3, 3], 1.0, requiresGrad: true)
      let x = try Tensor([1.0, 10, 100])
      var roots: [Tensor] = []
      let seen = Counter()
      for _ in 0..<4 {
        let product = try w * x
        if hooked {
          try #require(product.gradFn).registerHook { gradients in
            if let found = try gradients[0]?.sum().item(), found == 222 { seen.add(1) }
            return nil
          }
        }
        roots.append(try product.sum())
        roots.append(try (wide * w.detach()).sum())
        roots.append(try x.matmul(square).sum())
        roots.append(try w.detach().matmul(square).sum())
      }
      try Tensor.backward(roots)
      #expect(try w.grad?.scalars(as: Float.self) == [4, 40, 400, 4, 40, 400])
      #expect(try wide.grad?.scalars(as: Double.self) == [16, 16, 16])
      #expect(
        try square.grad?.scalars(as: Float.self) == [20, 20, 20, 56, 56, 56, 416, 416, 416])
      #expect(seen.total == (hooked ? 4 : 0))
    }
    let w = try Tensor.full([3], 2.0, requiresGrad: true)
    let y = try (w * w + w * w).sum()
    let first = try #require(
      try Tensor.grad(of: [y], withRespectTo: [w], createGraph: true).first ?? nil)
    #expect(try first.scalars(as: Float.self) == [8, 8, 8])
    try first.sum().backward()
    #expect(try w.grad?.scalars(as: Float.self) == [4, 4, 4])
  }

  @Test func emptyGradientsAreSummed() throws {
    for shapes: (Shape, Shape) in [([0, 3], [3, 2]), ([2, 0], [0, 3]), ([2, 3], [3, 0])] {
      let (a, b) = (try Tensor.ones(shapes.0), try Tensor.ones(shapes.1))
      var sum = GradientSum()
      for _ in 0..<3 {
        try sum.add(
          product: ProductGradient(
            a, b, .matrices(transposed: false, otherTransposed: false)))
      }
      #expect(sum.value?.shape == [shapes.0[0], shapes.1[1]])
      #expect(try sum.value?.scalars(as: Float.self).allSatisfy { $0 == 0 } == true)
    }
  }

  /// A leaf is complete as soon as the last contribution to it is reported, and its hook may change what was a factor of
  /// another gradient of the same node.
  @Test(arguments: [1, 2, 4]) func aHookThatChangesAFactorComesAfterTheProducts(_ width: Int) throws
  {
    let count = 1 << 16
    try withThreads(width) {
      for _ in 0..<40 {
        let x = try Tensor.full([count], 2.0, requiresGrad: true)
        let others = try (0..<6).map { _ in try Tensor.full([count], 3.0, requiresGrad: true) }
        try x.registerPostAccumulateGradHook { x in
          try noGrad { _ = try x.fill_(100.0) }
        }
        try Tensor.backward(others.map { try (x * $0).sum() })
        #expect(try x.grad?.scalars(as: Float.self).allSatisfy { $0 == 18 } == true)
        for other in others {
          #expect(try other.grad?.scalars(as: Float.self).allSatisfy { $0 == 2 } == true)
        }
      }
    }
  }
}

extension GradientSum {
  fileprivate mutating func add(product: ProductGradient) throws(TensorError) {
    if let formed = try form(product) { try add(formed: formed) }
  }
}
