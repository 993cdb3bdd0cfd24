import TestSupport
import Testing
import Tributary
import TributaryParallel

@Suite struct NormTests {
  private let x, weight, bias, g: Tensor

  init() throws {
    let generator = Generator(seed: 3)
    x = try (Tensor.randn([131, 70], generator: generator) * 3 + 2).requiresGrad_()
    weight = try Tensor.randn([70], generator: generator, requiresGrad: true)
    bias = try Tensor.randn([70], generator: generator, requiresGrad: true)
    g = try Tensor.randn([131, 70], generator: generator)
  }

  /// The kernels' bits are those of the operators one after the other, forward and back.
  @Test(arguments: [true, false]) func hasTheBitsOfItsParts(isCentred: Bool) throws {
    let out =
      isCentred
      ? try layerNorm(x, [70], weight: weight, bias: bias, eps: 1e-3)
      : try rmsNorm(x, [70], weight: weight, eps: 1e-3)
    let found = try Tensor.grad(
      of: [out], withRespectTo: isCentred ? [x, weight, bias] : [x, weight], gradients: [g]
    ).compactMap(\.self)
    try noGrad {
      func mean(_ t: Tensor) throws -> Tensor { try t.mean(dim: 1, keepDim: true) }
      let centred = isCentred ? try x - mean(x) : x
      let r = try 1 / (mean(centred * centred) + Double(Float(1e-3))).sqrt()
      let h = try centred * r
      let expected = isCentred ? try h * weight + bias : try h * weight
      #expect(try out.detach().equal(expected))
      let u = try g * weight
      let inner = isCentred ? try u - mean(u) : u
      #expect(try found[0].equal((inner - h * mean(u * h)) * r))
      #expect(try found[1].equal((g * h).sum(dim: 0)))
      if isCentred { #expect(try found[2].equal(g.sum(dim: 0))) }
    }
  }

  @Test func aRowAloneHasTheBitsOfTheBatch() throws {
    for n in [1, 7, 70, 5000] {
      let rows = try Tensor.randn([5, n], generator: Generator(seed: UInt64(n)))
      let whole = try layerNorm(rows, [n])
      for row in 0..<5 {
        #expect(try layerNorm(rows.narrow(0, row, 1), [n]).equal(whole.narrow(0, row, 1)))
      }
    }
  }

  /// Rows and sums over rows that are cut for the team, and rows longer than a block of a reduction.
  @Test(arguments: [2, 3, 8]) func widthsGiveTheSameBits(width: Int) throws {
    for shape in [[1300, 300], [9, 9000]] as [Shape] {
      func computed() throws -> [Tensor] {
        let generator = Generator(seed: 4)
        let x = try Tensor.randn(shape, generator: generator, requiresGrad: true)
        let w = try Tensor.randn([shape[1]], generator: generator, requiresGrad: true)
        let out = try layerNorm(x, [shape[1]], weight: w, bias: w)
        let alone = try groupNorm(x.unsqueeze(0), shape[0])
        let seeds = [
          try Tensor.randn(shape, generator: generator),
          try Tensor.randn([1, shape[0], shape[1]], generator: generator),
        ]
        return try Tensor.grad(
          of: [out, alone], withRespectTo: [x, w], gradients: seeds
        ).compactMap(\.self) + [
          out.detach(), alone.detach(),
        ]
      }
      let serial = try WorkerTeam.withTeam(WorkerTeam(width: 1)) { try computed() }
      let parallel = try WorkerTeam.withTeam(WorkerTeam(width: width)) { try computed() }
      for (a, b) in zip(serial, parallel) { #expect(try a.equal(b)) }
    }
  }

  @Test func groupsAreRows() throws {
    let x = try Tensor.randn([3, 6, 2, 5])
    let found = try groupNorm(x, 2).reshape([6, 30])
    #expect(try found.equal(layerNorm(x.reshape([6, 30]), [30])))
    #expect(try instanceNorm(x).equal(groupNorm(x, 6)))
    for row in try found.unbind() {
      #expect(abs(try row.mean().item()) < 1e-6)
      #expect(abs(try row.square().mean().item() - 1) < 1e-3)
    }
  }

  /// Against the operators that it is made of, in float64; spans that fill whole lanes, and not.
  @Test(arguments: [16, 21, 4500]) func groupsHaveTheirGradients(span: Int) throws {
    let generator = Generator(seed: 11)
    let leaf = { (shape: Shape) throws in
      try Tensor.randn(shape, dtype: .float64, generator: generator, requiresGrad: true)
    }
    let (x, w, b) = (try leaf([3, 6, span]), try leaf([6]), try leaf([6]))
    let g = try Tensor.randn([3, 6, span], dtype: .float64, generator: generator)
    let column: Shape = [6, 1]
    let rows = try layerNorm(x.reshape([3, 2, 3 * span]), [3 * span]).reshape([3, 6, span])
    let composed = try rows * w.reshape(column) + b.reshape(column)
    let fused = try groupNorm(x, 2, weight: w, bias: b)
    #expect(try fused.equal(composed))
    let found = try Tensor.grad(of: [fused], withRespectTo: [x, w, b], gradients: [g])
    let expected = try Tensor.grad(of: [composed], withRespectTo: [x, w, b], gradients: [g])
    for (a, b) in zip(found, expected) {
      #expect(try #require(a).allclose(#require(b), rtol: 1e-10, atol: 1e-10))
    }
    // A sample alone.
    let one = try x.detach().narrow(0, 1, 1).clone().requiresGrad_()
    let alone = try groupNorm(one, 2, weight: w, bias: b)
    #expect(try alone.equal(fused.narrow(0, 1, 1)))
    let grad = try Tensor.grad(of: [alone], withRespectTo: [one], gradients: [g.narrow(0, 1, 1)])[0]
    #expect(try #require(grad).equal(#require(found[0]).narrow(0, 1, 1)))
  }

  @Test func namesArePyTorchs() throws {
    let images = try Tensor.ones([2, 4, 3], requiresGrad: true)
    #expect(try groupNorm(images, 2).gradFn?.name == "NativeGroupNormBackward0")
    #expect(try layerNorm(x, [70]).gradFn?.name == "NativeLayerNormBackward0")
    #expect(try embedding(Tensor([0]), x).gradFn?.name == "EmbeddingBackward0")
    let heads = try x.reshape([1, 1, 131, 70])
    #expect(
      try scaledDotProductAttention(heads, heads, heads).gradFn?.name
        == "ScaledDotProductFlashAttentionForCpuBackward0")
  }
}
