import CTributaryKernels
import Testing
import TributarySplitMix

@Suite("Optimizer steps")
struct ElementwiseOptimizerTests {
  static let count = 53

  static func state(_ seed: UInt64) -> [[Double]] {
    var random = SplitMix(seed: seed)
    return (0..<5).map { k in
      (0..<count).map { _ in
        let value = Double.random(in: -2...2, using: &random)
        return k > 2 ? abs(value) : value
      }
    }
  }

  /// PyTorch's formulas, written for one element.
  static func sgd(_ p: Double, _ g: Double, _ v: Double, _ o: tri_sgd_options) -> (Double, Double) {
    var g = o.maximize ? -g : g
    var v = v
    if o.weight_decay != 0 { g += o.weight_decay * p }
    if o.momentum != 0 {
      v = o.first_step ? g : o.momentum * v + (1 - o.dampening) * g
      g = o.nesterov ? g + o.momentum * v : v
    }
    return (p - o.lr * g, v)
  }

  static let sgdOptions: [tri_sgd_options] = [
    tri_sgd_options(
      lr: 0.1, momentum: 0, dampening: 0, weight_decay: 0, nesterov: false, maximize: false,
      first_step: true),
    tri_sgd_options(
      lr: 0.1, momentum: 0.9, dampening: 0, weight_decay: 0.01, nesterov: true, maximize: false,
      first_step: true),
    tri_sgd_options(
      lr: 0.1, momentum: 0.9, dampening: 0.2, weight_decay: 0.01, nesterov: false, maximize: true,
      first_step: false),
    tri_sgd_options(
      lr: 0.1, momentum: 0.9, dampening: 0.2, weight_decay: 0, nesterov: false, maximize: false,
      first_step: false),
  ]

  @Test(arguments: 0..<sgdOptions.count)
  func sgdEqualsFormula(_ index: Int) throws {
    var options = Self.sgdOptions[index]
    let state = Self.state(5)
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      let step = try #require(tri_sgd(path, TRI_F64))
      let (p, g, v) = (OperandBuffer(state[0]), OperandBuffer(state[1]), OperandBuffer(state[2]))
      step(
        p.pointer, g.pointer, options.momentum == 0 ? nil : v.pointer, Int64(Self.count), &options)
      let expected = (0..<Self.count).map {
        Self.sgd(state[0][$0], state[1][$0], state[2][$0], options)
      }
      #expect(p.values(Double.self) == expected.map(\.0))
      #expect(v.values(Double.self) == expected.map(\.1))
      #expect(p.guardIsIntact && v.guardIsIntact)
    }
  }

  @Test(arguments: [false, true], [false, true])
  func adamEqualsFormula(decoupled: Bool, amsgrad: Bool) throws {
    var o = tri_adam_options(
      lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.02,
      bias_correction1: 1 - 0.9 * 0.9,
      bias_correction2: 1 - 0.999 * 0.999, decoupled: decoupled, maximize: false)
    let state = Self.state(6)
    var expected: [[Double]] = [[], [], [], []]
    for i in 0..<Self.count {
      var (p, g, m, v, most) = (state[0][i], state[1][i], state[2][i], state[3][i], state[4][i])
      if decoupled { p *= 1 - o.lr * o.weight_decay } else { g += o.weight_decay * p }
      m += (1 - o.beta1) * (g - m)
      v = o.beta2 * v + (1 - o.beta2) * g * g
      if amsgrad { most = max(most, v) }
      let denominator =
        (amsgrad ? most : v).squareRoot() / o.bias_correction2.squareRoot() + o.eps
      p += -(o.lr / o.bias_correction1) * m / denominator
      for (k, value) in [p, m, v, most].enumerated() { expected[k].append(value) }
    }
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      let step = try #require(tri_adam(path, TRI_F64))
      let b = state.map { OperandBuffer($0) }
      step(
        b[0].pointer, b[1].pointer, b[2].pointer, b[3].pointer, amsgrad ? b[4].pointer : nil,
        Int64(Self.count), &o)
      #expect(b[0].values(Double.self) == expected[0])
      #expect(b[2].values(Double.self) == expected[1])
      #expect(b[3].values(Double.self) == expected[2])
      #expect(b[4].values(Double.self) == expected[3])
    }
  }

  @Test("float32 has the same bits on every path, tails included")
  func singlePrecisionPaths() throws {
    var sgd = Self.sgdOptions[1]
    var adam = tri_adam_options(
      lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.02, bias_correction1: 0.1,
      bias_correction2: 0.001, decoupled: true, maximize: false)
    let state = Self.state(7).map { $0.map(Float.init) }
    for count in 0...Self.count {
      func run(_ path: UnsafePointer<tri_kernels>) throws -> [[Float]] {
        let b = state.map { OperandBuffer($0) }
        let sgdStep = try #require(tri_sgd(path, TRI_F32))
        sgdStep(
          b[0].pointer, b[1].pointer, b[2].pointer, Int64(count), &sgd)
        let adamStep = try #require(tri_adam(path, TRI_F32))
        adamStep(
          b[0].pointer, b[1].pointer, b[2].pointer, b[3].pointer, b[4].pointer, Int64(count), &adam)
        return b.map { $0.values(Float.self) }
      }
      let expected = try run(Elementwise.portable)
      #expect(expected[0][count...] == state[0][count...])
      for path in Elementwise.vectorPaths { #expect(try run(path) == expected) }
    }
  }
}
