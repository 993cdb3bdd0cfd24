import Foundation
import Testing
import Tributary

/// Elementary and special functions as operators; their bits and errors are the business of the kernels' tests.
@Suite struct MathematicsTests {
  static let functions: [UnaryCase] = [
    UnaryCase("Exp2Backward0", -3...3, { try $0.exp2() }) { exp2($0) },
    UnaryCase("Log2Backward0", 0.1...5, { try $0.log2() }) { log2($0) },
    UnaryCase("Log10Backward0", 0.1...5, { try $0.log10() }) { log10($0) },
    UnaryCase("SinBackward0", -9...9, { try $0.sin() }) { sin($0) },
    UnaryCase("CosBackward0", -9...9, { try $0.cos() }) { cos($0) },
    UnaryCase("TanBackward0", -1.4...1.4, { try $0.tan() }) { tan($0) },
    UnaryCase("AsinBackward0", -0.9...0.9, { try $0.asin() }) { asin($0) },
    UnaryCase("AcosBackward0", -0.9...0.9, { try $0.acos() }) { acos($0) },
    UnaryCase("AtanBackward0", -5...5, { try $0.atan() }) { atan($0) },
    UnaryCase("SinhBackward0", -3...3, { try $0.sinh() }) { sinh($0) },
    UnaryCase("CoshBackward0", -3...3, { try $0.cosh() }) { cosh($0) },
    UnaryCase("AsinhBackward0", -5...5, { try $0.asinh() }) { asinh($0) },
    UnaryCase("AcoshBackward0", 1.1...5, { try $0.acosh() }) { acosh($0) },
    UnaryCase("AtanhBackward0", -0.9...0.9, { try $0.atanh() }) { atanh($0) },
    UnaryCase("CbrtBackward0", 0.2...5, { try $0.cbrt() }) { cbrt($0) },
    UnaryCase("ErfcBackward0", -3...3, { try $0.erfc() }) { erfc($0) },
    UnaryCase("LgammaBackward0", 0.2...9, { try $0.lgamma() }) { lgamma($0) },
    UnaryCase("LgammaBackward0", -3.8...(-3.2), { try $0.lgamma() }) { lgamma($0) },
    UnaryCase("MishBackward0", -5...5, { try $0.mish() }) { $0 * tanh(log1p(exp($0))) },
  ]

  @Test(arguments: functions)
  func valuesAgreeWithDoubleArithmetic(_ sample: UnaryCase) throws {
    for (dtype, tolerance) in [(DType.float32, 3e-6), (.float64, 1e-14)] {
      for (layout, x) in try layouts(dtype, in: sample.range) {
        let y = try sample.apply(x)
        #expect(y.shape == x.shape && y.dtype == dtype)
        let wrong = zip(try x.doubles(), try y.doubles()).filter {
          !agree($1, sample.reference($0), tolerance)
        }
        #expect(wrong.isEmpty, "\(layout) \(dtype): \(wrong.prefix(3))")
      }
    }
  }

  @Test(arguments: functions)
  func nodesHaveThePyTorchName(_ sample: UnaryCase) throws {
    let x = try Numbers(3).with { try $0.tensor([4], in: sample.range, requiresGrad: true) }
    #expect(try sample.apply(x).gradFn?.name == sample.name)
    #expect(try noGrad { try sample.apply(x) }.requiresGrad == false)
  }

  @Test func integersBecomeFloat32() throws {
    let x = try Tensor([0, 1])
    for function in Self.functions where function.name != "MishBackward0" {
      #expect(try function.apply(x).dtype == .float32, "\(function.name)")
      #expect(try function.apply(x.to(.bool)).dtype == .float32, "\(function.name)")
    }
    #expect(try x.atan2(x).dtype == .float32)
    #expect(try x.atan2(x.to(.float64)).dtype == .float64)
    #expect(throws: TensorError.self) { try x.mish() }
    #expect(throws: TensorError.self) { try x.hypot(x) }
  }

  /// Of the definition and of closed forms: ψ(1) = −γ, ψ(½) = −γ − 2 log 2, ψ′(1) = π²/6, ψ′(½) = π²/2, ψ″(1) = −2ζ(3),
  /// ψ‴(1) = π⁴/15, and ψ′(−½) = ψ′(½) + 4.
  @Test func specialFunctionsAtKnownPoints() throws {
    let euler = 0.57721566490153286061
    let square = Double.pi * Double.pi
    let x = try Tensor([1, 0.5, 2, -0.5], dtype: .float64)
    func near(_ y: Tensor, _ expected: [Double]) throws -> Bool {
      try zip(y.doubles(), expected).allSatisfy { abs($0 - $1) <= 2e-15 * max(1, abs($1)) }
    }
    let digamma = [-euler, -euler - 2 * log(2), 1 - euler, 2 - euler - 2 * log(2)]
    #expect(try near(x.digamma(), digamma))
    #expect(try near(x.polygamma(0), digamma))
    let trigamma = [square / 6, square / 2, square / 6 - 1, square / 2 + 4]
    #expect(try near(x.polygamma(1), trigamma))
    let zeta3 = 1.2020569031595942854
    #expect(try near(x.polygamma(2), [-2 * zeta3, -14 * zeta3, -2 * zeta3 + 2, -14 * zeta3 + 16]))
    let fourth = square * square
    #expect(try near(x.polygamma(3), [fourth / 15, fourth, fourth / 15 - 6, fourth + 96]))

    #expect(
      try near(
        Tensor([0.5, -0.9], dtype: .float64).erfinv(), [0.47693627620446987, -1.1630871536766741]))
  }

  @Test func polesAndEnds() throws {
    let poles = try Tensor([0, -0.0, -1, -3, -.infinity, .infinity], dtype: .float64)
    #expect(try poles.lgamma().doubles() == Array(repeating: .infinity, count: 6))
    let digamma = try poles.digamma().doubles()
    #expect(digamma[0] == -.infinity && digamma[1] == .infinity && digamma[5] == .infinity)
    #expect(digamma[2].isNaN && digamma[3].isNaN && digamma[4].isNaN)
    #expect(try Array(poles.polygamma(1).doubles()[..<4]) == Array(repeating: .infinity, count: 4))
    #expect(try Array(poles.polygamma(2).doubles()[..<4]) == Array(repeating: -.infinity, count: 4))
    let ends = try Tensor([1, -1, -0.0, 1.5], dtype: .float64).erfinv().doubles()
    #expect(ends[0] == .infinity && ends[1] == -.infinity && ends[3].isNaN)
    #expect(ends[2] == 0 && ends[2].sign == .minus)
  }

  /// The greatest order that may be asked for has derivatives, as far as their factorial goes. By exact fractions
  /// 101! ζ(102, 12.5) is 1.2293429276914769e48.
  @Test func theGreatestOrderHasDerivatives() throws {
    let x = try Tensor([12.5], dtype: .float64).requiresGrad_()
    let grad = try Tensor.grad(of: [x.polygamma(100)], withRespectTo: [x])[0]
    // The series was once begun too early for orders this high.
    #expect(abs(try #require(grad).item() / 1.2293429276914769e48 - 1) < 2e-14)
    expectError("polygamma") { () throws(TensorError) in try x.polygamma(101) }
    var y = try x.polygamma(100)
    for _ in 101...120 {
      y = try #require(Tensor.grad(of: [y], withRespectTo: [x], createGraph: true)[0])
    }
    #expect(try y.isfinite().all().item() == 1)
    let error = #expect(throws: TensorError.self) { try y.backward() }
    #expect(error?.message.contains("order 121") == true)
  }

  @Test func namesOfTheGammas() throws {
    let x = try Tensor([0.5, 2], requiresGrad: true)
    #expect(try x.digamma().gradFn?.name == "DigammaBackward0")
    #expect(try x.polygamma(0).gradFn?.name == "PolygammaBackward0")
    #expect(try x.polygamma(3).gradFn?.name == "PolygammaBackward0")
    #expect(try x.erfinv().gradFn?.name == "ErfinvBackward0")
    let whole = try Tensor([1, 2])
    #expect(try whole.polygamma(1).dtype == .float32)
    #expect(try whole.digamma().dtype == .float32)
    #expect(try whole.erfinv().dtype == .float32)
  }

  @Test func namesOfTwo() throws {
    let x = try Tensor([0.5, 1], requiresGrad: true)
    #expect(try x.atan2(x).gradFn?.name == "Atan2Backward0")
    #expect(try x.hypot(x).gradFn?.name == "HypotBackward0")
    #expect(try Tensor([3.0]).hypot(Tensor([-4.0])).doubles() == [5])
  }

  /// PyTorch's own: 0 for the angle, NaN for the length, and nothing that spoils the point beside it.
  @Test func gradientsAtTheOrigin() throws {
    let y = try Tensor([0.0, 0.0], dtype: .float64, requiresGrad: true)
    let x = try Tensor([0.0, 2.0], dtype: .float64, requiresGrad: true)
    try y.atan2(x).sum().backward()
    #expect(try y.grad?.doubles() == [0, 0.5])
    #expect(try x.grad?.doubles() == [0, 0])
    try y.setGrad(nil)
    try y.hypot(x).sum().backward()
    #expect(try y.grad?.doubles().map(\.isNaN) == [true, false])
  }

  @Test func errorsNameTheOperator() throws {
    for (name, call) in [
      ("atan2", { try Tensor.ones([2]).atan2(.ones([3])) }),
      ("hypot", { try Tensor.ones([2]).hypot(.ones([3])) }),
    ] as [(String, () throws -> Tensor)] {
      do {
        _ = try call()
        Issue.record("\(name) took shapes that do not broadcast")
      } catch let error as TensorError {
        #expect("\(error)".contains(name) && "\(error)".contains("[3]"))
      }
    }
  }
}
