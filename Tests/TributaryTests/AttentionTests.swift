import TestSupport
import Testing
import Tributary
import TributaryParallel

/// Over several blocks of queries and of keys; small shapes stand in the catalogue.
@Suite struct AttentionTests {
  private struct Operands {
    let q, k, v, g: Tensor

    init(heads: Int, queries: Int = 70, keys: Int = 600, dtype: DType = .float32) throws {
      let generator = Generator(seed: 9)
      func made(_ rows: Int, _ width: Int) throws -> Tensor {
        try .randn([heads, rows, width], dtype: dtype, generator: generator)
      }
      (q, k, v) = (
        try made(queries, 33).requiresGrad_(), try made(keys, 33).requiresGrad_(),
        try made(keys, 18).requiresGrad_()
      )
      g = try made(queries, 18)
    }

    init(q: Tensor, k: Tensor, v: Tensor, g: Tensor) throws {
      (self.q, self.k, self.v, self.g) = (
        try q.detach().clone().requiresGrad_(), try k.detach().clone().requiresGrad_(),
        try v.detach().clone().requiresGrad_(), g
      )
    }

    func head(_ i: Int) throws -> Operands {
      try Operands(
        q: q.select(0, i), k: k.select(0, i), v: v.select(0, i), g: g.select(0, i))
    }

    /// The result and the gradients.
    func run(_ call: (Tensor, Tensor, Tensor) throws -> Tensor) throws -> [Tensor] {
      let out = try call(q, k, v)
      return try [out.detach()]
        + Tensor.grad(of: [out], withRespectTo: [q, k, v], gradients: [g]).compactMap(\.self)
    }
  }

  private static func composed(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ addend: Tensor
  ) throws -> Tensor {
    let scores = try q.matmul(k.mT()) / Double(q.shape[q.rank - 1]).squareRoot() + addend
    return try scores.softmax(dim: -1).matmul(v)
  }

  @Test(arguments: [1, 17]) func equalsItsDefinition(heads: Int) throws {
    for isCausal in [false, true] {
      let operands = try Operands(heads: heads, queries: 290, keys: 280, dtype: .float64)
      let addend = try Tensor.where(
        Tensor.arange(290).unsqueeze(1).ge(Tensor.arange(280)),
        Tensor.full([], 0, dtype: .float64),
        Tensor.full([], isCausal ? -.infinity : 0, dtype: .float64))
      let found = try operands.run {
        try scaledDotProductAttention($0, $1, $2, isCausal: isCausal)
      }
      let masked = try operands.run { try scaledDotProductAttention($0, $1, $2, attnMask: addend) }
      let expected = try operands.run { try Self.composed($0, $1, $2, addend) }
      for (a, b) in zip(found, expected) { #expect(try a.allclose(b, rtol: 1e-10, atol: 1e-12)) }
      for (a, b) in zip(masked, expected) { #expect(try a.allclose(b, rtol: 1e-10, atol: 1e-12)) }
    }
  }

  /// One head is gone through by blocks, seventeen head by head: the same sums.
  @Test(arguments: [false, true]) func aHeadAloneHasTheBitsOfTheBatch(isCausal: Bool) throws {
    let operands = try Operands(heads: 17)
    func call(_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> Tensor {
      try scaledDotProductAttention(q, k, v, isCausal: isCausal)
    }
    let whole = try operands.run(call)
    for head in [0, 5, 16] {
      for (a, b) in zip(whole, try operands.head(head).run(call)) {
        #expect(try a.select(0, head).equal(b))
      }
    }
    // A query alone.
    let row = try call(operands.q.narrow(1, 0, 1), operands.k, operands.v).detach()
    #expect(try row.equal(whole[0].narrow(1, 0, 1)))
  }

  @Test(arguments: [1, 2, 3, 8]) func widthsGiveTheSameBits(width: Int) throws {
    for heads in [3, 17] {
      let operands = try Operands(heads: heads)
      func computed() throws -> [Tensor] {
        try operands.run { try scaledDotProductAttention($0, $1, $2, isCausal: heads == 17) }
      }
      let serial = try WorkerTeam.withTeam(WorkerTeam(width: 1)) { try computed() }
      let parallel = try WorkerTeam.withTeam(WorkerTeam(width: width)) { try computed() }
      for (a, b) in zip(serial, parallel) { #expect(try a.equal(b)) }
    }
  }

  @Test func aQueryThatSeesNothingGivesZeros() throws {
    let operands = try Operands(heads: 1, queries: 3, keys: 4)
    let mask = try Tensor([
      [true, true, false, true], [false, false, false, false], [true, true, true, true],
    ])
    let found = try operands.run { try scaledDotProductAttention($0, $1, $2, attnMask: mask) }
    for part in found { #expect(try part.isfinite().all().item() == 1) }
    for part in [found[0], found[1]] {
      #expect(try part.select(1, 1).equal(.zerosLike(part.select(1, 1))))
    }
    // A key that no query sees.
    let hidden = try operands.run {
      try scaledDotProductAttention($0, $1, $2, attnMask: Tensor([false, true, true, true]))
    }
    #expect(try hidden[2].select(1, 0).equal(.zeros([1, 33])))
  }

  /// A causal row has the bits that it would have if the keys behind it were others, infinities and NaN too; and a key
  /// those that it would have if the queries before it were others.
  @Test(arguments: [5, 37, 280]) func whatIsNotSeenLeavesNoTrace(place: Int) throws {
    let clean = try Operands(heads: 1, queries: 300, keys: 300)
    func run(_ operands: Operands) throws -> [Tensor] {
      try operands.run { try scaledDotProductAttention($0, $1, $2, isCausal: true) }
    }
    func spoiled(_ x: Tensor, _ value: Double) throws -> Tensor {
      try x.detach().indexFill(1, Tensor([place]), value)
    }
    let expected = try run(clean)
    for value in [Double.infinity, .nan, -.infinity] {
      let keys = try run(
        Operands(q: clean.q, k: spoiled(clean.k, value), v: spoiled(clean.v, value), g: clean.g))
      // The result and the gradient of the queries, of rows before it.
      for part in [0, 1] {
        #expect(try keys[part].narrow(1, 0, place).equal(expected[part].narrow(1, 0, place)))
      }
      #expect(try keys[0].select(1, place).isfinite().any().item() == 0)
      let queries = try run(
        Operands(q: spoiled(clean.q, value), k: clean.k, v: clean.v, g: spoiled(clean.g, value)))
      let rest = 299 - place
      for part in [2, 3] {
        #expect(
          try queries[part].narrow(1, place + 1, rest).equal(
            expected[part].narrow(1, place + 1, rest)))
      }
    }
  }

  @Test func secondDerivativesAreFiniteWhereAQuerySeesNothing() throws {
    let mask = try Tensor([[true, true, false], [false, false, false]])
    let q = try Tensor.randn([1, 2, 4], dtype: .float64, requiresGrad: true)
    let k = try Tensor.randn([1, 3, 4], dtype: .float64, requiresGrad: true)
    let v = try Tensor.randn([1, 3, 5], dtype: .float64, requiresGrad: true)
    let loss = try scaledDotProductAttention(q, k, v, attnMask: mask).square().sum()
    let first = try Tensor.grad(of: [loss], withRespectTo: [q, k, v], createGraph: true)
    var penalty = try Tensor.zeros([], dtype: .float64)
    for part in first { if let part { penalty = try penalty + part.square().sum() } }
    try penalty.backward()
    for leaf in [q, k, v] {
      let found = try #require(leaf.grad)
      #expect(try found.isfinite().all().item() == 1)
      #expect(try found.abs().sum().item() > 0)
    }
    #expect(try #require(q.grad).select(1, 1).equal(.zeros([1, 4], dtype: .float64)))
  }

  @Test func aMaskChangedInPlaceIsAnError() throws {
    let q = try Tensor.randn([1, 2, 4], requiresGrad: true)
    let mask = try Tensor.zeros([2, 2])
    let out = try scaledDotProductAttention(q, q, q, attnMask: mask).sum()
    try mask.fill_(1)
    let error = #expect(throws: TensorError.self) { try out.backward() }
    #expect(error?.message.contains("in place") == true)
  }

  /// Of no width all scores are 0: the mean of the values, and its gradient.
  @Test func withoutWidthTheValuesAreAveraged() throws {
    let (q, k) = (try Tensor.zeros([1, 2, 0]), try Tensor.zeros([1, 4, 0]))
    let v = try Tensor.randn([1, 4, 3], requiresGrad: true)
    let out = try scaledDotProductAttention(q, k, v)
    #expect(try (out - v.detach().mean(dim: 1, keepDim: true)).abs().amax().item() < 1e-6)
    try out.sum().backward()
    #expect(try (#require(v.grad) - 0.5).abs().amax().item() < 1e-6)
  }

  @Test func dropoutKeepsTheMean() throws {
    let q = try Tensor.zeros([1, 2000, 4])
    let ones = try Tensor.ones([1, 50, 1])
    let out = try scaledDotProductAttention(q, .zeros([1, 50, 4]), ones, dropoutP: 0.3)
    #expect(abs(try out.mean().item() - 1) < 0.02)
    #expect(try out.std() > 0.05)
  }
}

extension Tensor {
  fileprivate func std() throws -> Double {
    try (self - mean()).square().mean().sqrt().item()
  }
}
