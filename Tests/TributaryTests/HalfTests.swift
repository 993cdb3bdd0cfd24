import Testing
import Tributary
import TributaryStress

/// float16 and bfloat16 as dtypes of tensors; see also `HalfCatalogueTests`.
@Suite struct HalfTests {
  static let halves: [DType] = [.float16, .bfloat16]

  @Test func namesSizesAndKinds() {
    #expect(Self.halves.map(\.description) == ["float16", "bfloat16"])
    #expect(Self.halves.allSatisfy { $0.itemSize == 2 && $0.isFloatingPoint })
    #expect(DType.float16.promoted(with: .bfloat16) == .float32)
    #expect(DType.bfloat16.promoted(with: .int64) == .bfloat16)
    #expect(DType.float64.promoted(with: .float16) == .float64)
  }

  /// PyTorch 2.13's own output.
  @Test func printing() throws {
    #expect(
      try Tensor([1, 2.5, 0.1], dtype: .float16).description
        == "tensor([1.0000, 2.5000, 0.1000], dtype=torch.float16)")
    #expect(
      try Tensor([1, 2.5, 0.1], dtype: .bfloat16).description
        == "tensor([1.0000, 2.5000, 0.1001], dtype=torch.bfloat16)")
    #expect(
      try Tensor([[1e-3, 100.0], [3.3, 4]], dtype: .bfloat16).description
        == "tensor([[9.9945e-04, 1.0000e+02],\n        [3.2969e+00, 4.0000e+00]], dtype=torch.bfloat16)"
    )
    #expect(
      try Tensor([0.1, 1e5], dtype: .float16).description
        == "tensor([0.1000,    inf], dtype=torch.float16)")
    #expect(
      try Tensor([1.0, 2], dtype: .float16).description == "tensor([1., 2.], dtype=torch.float16)")
    #expect(
      try Tensor([0.1, 2], dtype: .bfloat16, requiresGrad: true).description
        == "tensor([0.1001, 2.0000], dtype=torch.bfloat16, requires_grad=True)")
  }

  @Test func elementsAreReadAndWritten() throws {
    for dtype in Self.halves {
      let x = try Tensor([[1.5, -2], [0.25, 3]], dtype: dtype)
      #expect(try x.scalars(as: Double.self) == [1.5, -2, 0.25, 3])
      #expect(try x.t().scalars(as: Float.self) == [1.5, 0.25, -2, 3])
      #expect(try x[1][0].item() == 0.25 && x[0][1].item(as: Int.self) == -2)
      #expect(try Tensor.full([], 1 << 40 + 1 << 32, dtype: .bfloat16).item() == 0x1p40)
      #expect(try Tensor.full([3], 0.1, dtype: dtype).hasBits(of: Tensor.full([3], 0.1).to(dtype)))
      #expect(try Tensor.arange(5, dtype: dtype).scalars(as: Int.self) == [0, 1, 2, 3, 4])
      #expect(
        try Tensor.zeros([2], dtype: dtype).to(.bool).scalars(as: Bool.self) == [false, false])
    }
    #if !(os(macOS) && arch(x86_64))
      let x = try Tensor([Float16(0.1), 65504, .infinity])
      #expect(x.dtype == .float16)
      #expect(try x.scalars(as: Float16.self) == [0.1, 65504, .infinity])
    #endif
  }

  @Test func drawsAreFloat32sRounded() throws {
    for dtype in Self.halves {
      let (a, b) = (Generator(seed: 3), Generator(seed: 3))
      let normal = try Tensor.randn([5000], dtype: dtype, generator: a)
      #expect(try normal.hasBits(of: Tensor.randn([5000], generator: b).to(dtype)))
      let uniform = try Tensor.rand([5000], dtype: dtype, generator: a)
      #expect(try uniform.amax().item() < 1)
      let near = try Tensor.rand([5000], generator: b).to(dtype)
      #expect(try (uniform - near).abs().amax().item() <= (dtype == .float16 ? 0x1p-11 : 0x1p-8))
      #expect(try Tensor.randperm(100, dtype: dtype).to(.int64).sum().item() == 4950)
      #expect(throws: TensorError.self) { try Tensor.randint(0, 5000, [2], dtype: dtype) }
    }
  }

  /// Adding one after another in a half would stop at 2,048, or 256.
  @Test func sumsAreTakenInFloat32() throws {
    for dtype in Self.halves {
      let ones = try Tensor.ones([4, 4096], dtype: dtype)
      #expect(try ones.sum(dim: 1).scalars(as: Double.self) == [4096, 4096, 4096, 4096])
      #expect(try ones.t().sum(dim: 0).scalars(as: Double.self) == [4096, 4096, 4096, 4096])
      #expect(try ones.mean().item() == 1)
      #expect(try ones.cumsum(1)[0][4095].item() == 4096)
      #expect(try ones.matmul(ones.t())[0][0].item() == 4096)
      let places = try Tensor.zeros([4096], dtype: .int64)
      let row = try ones[0]
      #expect(try Tensor.zeros([1], dtype: dtype).scatterAdd(0, places, row).item() == 4096)
      #expect(try Tensor.zeros([1], dtype: dtype).indexAdd(0, places, row).item() == 4096)
    }
  }

  /// Small, vectors, tall, packed, batched; dense and turned.
  @Test(
    arguments: [
      ([3, 5], [5, 4]), ([7], [7]), ([200, 300], [300]), ([300], [300, 200]),
      ([150, 600], [600, 130]),
      ([3, 20, 30], [3, 30, 10]), ([2, 1, 40, 30], [3, 30, 20]), ([5, 40, 30], [30, 8]),
      ([0, 3], [3, 2]),
      ([4, 0], [0, 5]), ([2, 3000], [3000, 2]),
    ] as [(Shape, Shape)])
  func productsAreFloat32sRounded(_ a: Shape, _ b: Shape) throws {
    let generator = Generator(seed: 1)
    for dtype in Self.halves {
      var x = try Tensor.randn(a, dtype: dtype, generator: generator)
      var y = try Tensor.randn(b, dtype: dtype, generator: generator)
      for turned in [false, true] {
        if turned, a.rank > 1 { x = try x.mT().contiguous().mT() }
        if turned, b.rank > 1 { y = try y.mT().contiguous().mT() }
        let found = try x.matmul(y)
        let sought = try x.to(.float32).matmul(y.to(.float32)).to(dtype)
        #expect(try found.hasBits(of: sought), "\(a) \(b) \(dtype) \(turned)")
      }
    }
    #expect(throws: TensorError.self) {
      try Tensor.ones([2, 2], dtype: .float16).matmul(Tensor.ones([2, 2], dtype: .bfloat16))
    }
  }

  @Test func gradientsHaveTheLeafsDType() throws {
    for dtype in Self.halves {
      let x = try Tensor([[0.5, -1], [2, 3]], dtype: dtype, requiresGrad: true)
      let w = try Tensor([[1.0, 2], [3, 4]], requiresGrad: true)
      // By a cast into float32 and back.
      try x.to(.float32).matmul(w).to(dtype).sum().backward()
      #expect(x.grad?.dtype == dtype && w.grad?.dtype == .float32)
      #expect(try x.grad?.scalars(as: Double.self) == [3, 7, 3, 7])
      // Accumulated into what is there.
      try (x * 2).sum().backward()
      #expect(try x.grad?.scalars(as: Double.self) == [5, 9, 5, 9])
      // Promoted by another dtype, and fitted back.
      try x.setGrad(nil)
      try (x * w).sum().backward()
      #expect(x.grad?.dtype == dtype)
      #expect(try x.grad?.scalars(as: Double.self) == [1, 2, 3, 4])
      let g = try #require(
        try Tensor.grad(of: [x.square().sum()], withRespectTo: [x], createGraph: true)[0])
      #expect(g.dtype == dtype && g.requiresGrad)
    }
  }

  @Test func changesInPlace() throws {
    for dtype in Self.halves {
      let x = try Tensor([1.0, 2, 3], dtype: dtype)
      try x.add_(Tensor([0.5, 0.5, 0.5])).mul_(2).clamp_(max: 6.0)
      #expect(x.dtype == dtype)
      #expect(try x.scalars(as: Double.self) == [3, 5, 6])
      try x[1].fill_(0.25)
      #expect(try x.scalars(as: Double.self) == [3, 0.25, 6])
      // A number is not rounded before it is used.
      #expect(try (Tensor([3.0], dtype: dtype) * 0.1).hasBits(of: (Tensor([3.0]) * 0.1).to(dtype)))
      let views = try Tensor.zeros([4, 6], dtype: dtype)
      try views.t().slice(0, start: 1, step: 2).add_(0.1)
      #expect(try views.sum().hasBits(of: (Tensor.ones([12], dtype: dtype) * 0.1).sum()))
    }
  }

  /// As PyTorch does: a number that is compared, or a bound, is an element.
  @Test func numbersAreRoundedToBeCompared() throws {
    for dtype in Self.halves {
      let x = try Tensor([0.1, 0.3], dtype: dtype)
      // Dense, strided, and of one element.
      for x in [x, try x.unsqueeze(1).expand([2, 3]).t(), try x[0]] {
        let tenth = try x.eq(0.1).to(.int64).sum().item(as: Int.self)
        #expect(tenth == x.count - x.count / 2)
        #expect(try x.ne(0.1).to(.int64).sum().item(as: Int.self) == x.count / 2)
        #expect(try x.ge(0.1).all().item(as: Bool.self) && x.le(0.3).all().item(as: Bool.self))
        #expect(try !x.lt(0.1).any().item(as: Bool.self) && !x.gt(0.3).any().item(as: Bool.self))
      }
      let even = dtype == .float16 ? 2048 : 256
      let whole = try Tensor([Double(even)], dtype: dtype)
      #expect(try whole.eq(even + 1).item(as: Bool.self) && !whole.ne(even + 1).item(as: Bool.self))
      #expect(try !whole.lt(even + 1).item(as: Bool.self) && whole.ge(even + 1).item(as: Bool.self))
      #expect(try whole.eq(Double(even + 1)).item(as: Bool.self))

      // An element that is the rounded bound lies within the bounds, on whichever side of it the number is.
      let leaf = try x.clone().requiresGrad_()
      try leaf.clamp(min: 0.1, max: 0.3).sum().backward()
      #expect(try leaf.grad?.scalars(as: Double.self) == [1, 1])
      let other = try x.clone().requiresGrad_()
      try other.clone().clamp_(min: 0.1, max: 0.3).sum().backward()
      #expect(try other.grad?.scalars(as: Double.self) == [1, 1])
      let counted = try whole.clone().requiresGrad_()
      try counted.clamp(min: even + 1).sum().backward()
      #expect(try counted.grad?.item() == 1)
    }
    #expect(try Tensor([0.1], dtype: .float16).eq(0.1).item(as: Bool.self))
    #expect(try Tensor([2048.0], dtype: .float16).eq(2049).item(as: Bool.self))
  }

  @Test func runningStatisticsAreKept() throws {
    for dtype in Self.halves {
      let x = try Tensor([[1.0, 2], [3, 6]], dtype: dtype)
      let (mean, variance) = (
        try Tensor.zeros([2], dtype: dtype), try Tensor.ones([2], dtype: dtype)
      )
      let (wideMean, wideVariance) = (try mean.to(.float32), try variance.to(.float32))
      let out = try batchNorm(x, runningMean: mean, runningVar: variance, training: true)
      let wide = try batchNorm(
        x.to(.float32), runningMean: wideMean, runningVar: wideVariance, training: true)
      #expect(try out.hasBits(of: wide.to(dtype)))
      #expect(try mean.hasBits(of: wideMean.to(dtype)))
      #expect(try variance.hasBits(of: wideVariance.to(dtype)))
      // In float32 they are not rounded at all.
      let (keptMean, keptVariance) = (try Tensor.zeros([2]), try Tensor.ones([2]))
      let mixed = try batchNorm(x, runningMean: keptMean, runningVar: keptVariance, training: true)
      #expect(try mixed.hasBits(of: out))
      #expect(try keptMean.hasBits(of: wideMean) && keptVariance.hasBits(of: wideVariance))
    }
  }

  /// PyTorch's usual mixture: float32 parameters beside half inputs, whose dtype the result has.
  @Test func normsTakeFloat32Parameters() throws {
    let generator = Generator(seed: 5)
    for dtype in Self.halves {
      let x = try Tensor.randn([3, 4, 5], dtype: dtype, generator: generator)
      let cases: [(Shape, (Tensor, Tensor, Tensor) throws -> Tensor)] = [
        ([5], { try layerNorm($0, [5], weight: $1, bias: $2) }),
        ([5], { try rmsNorm($0, [5], weight: $1) + $2 * 0.0 }),
        ([4], { try groupNorm($0, 2, weight: $1, bias: $2) }),
        ([4], { try instanceNorm($0, weight: $1, bias: $2) }),
        (
          [4],
          {
            try batchNorm(
              $0, runningMean: .zeros([4]), runningVar: .ones([4]), weight: $1, bias: $2,
              training: true)
          }
        ),
      ]
      for (number, (shape, norm)) in cases.enumerated() {
        let weight = try Tensor.randn(shape, generator: generator, requiresGrad: true)
        let bias = try Tensor.randn(shape, generator: generator, requiresGrad: true)
        let input = try x.clone().requiresGrad_()
        let wide = try x.to(.float32)
        let (out, sought) = (try norm(input, weight, bias), try norm(wide, weight, bias))
        if number != 1 { #expect(out.dtype == dtype) }
        #expect(try out.detach().to(dtype).hasBits(of: sought.detach().to(dtype)), "\(number)")
        try out.sum().backward()
        #expect(input.grad?.dtype == dtype && weight.grad?.dtype == .float32)
      }
    }
    #expect(throws: TensorError.self) {
      try layerNorm(.ones([2, 3]), [3], weight: .ones([3], dtype: .float16))
    }
    #expect(throws: TensorError.self) {
      try layerNorm(.ones([2, 3], dtype: .float16), [3], weight: .ones([3], dtype: .bfloat16))
    }
  }
}
