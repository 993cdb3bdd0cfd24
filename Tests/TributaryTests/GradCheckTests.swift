import Testing
import Tributary

@Suite struct GradCheckTests {
  private func x() throws -> Tensor {
    try Tensor([0.5, -0.25, 1.5], dtype: .float64, requiresGrad: true)
  }

  private func mismatch(_ body: () throws -> Void) throws -> GradientMismatch {
    let error = try #require(throws: TensorError.self) { try body() }
    guard case .underlying(let inner) = error.kind else {
      throw error
    }
    return try #require(inner as? GradientMismatch)
  }

  @Test func rightGradientsPass() throws {
    try gradcheck([x(), x()]) { [try $0[0] * $0[1].tanh(), try $0[0].sum()] }
    try gradgradcheck([x(), x()]) { [try $0[0] * $0[1].tanh()] }
  }

  /// A wrong rule, by a hook that doubles one element of a gradient.
  @Test func aWrongGradientIsNamed() throws {
    let wrong = try mismatch {
      try gradcheck([x(), x()]) { inputs in
        let y = try inputs[1].exp()
        if y.requiresGrad {
          try y.registerHook { try $0 * Tensor([1.0, 2.0, 1.0], dtype: .float64) }
        }
        return [try inputs[0] + 1.0, try inputs[0] * y]
      }
    }
    #expect(wrong.input == 1)
    #expect(wrong.inputElement == 1)
    #expect(wrong.output == 1)
    #expect(wrong.outputElement == 1)
    #expect(abs(wrong.analytic - 2 * wrong.numeric) < 1e-4)
    #expect("\(wrong)".contains("element 1"))
  }

  @Test func aWrongSecondGradientIsFound() throws {
    // x² whose gradient 2x is right, but does not know that it depends on x.
    _ = try mismatch {
      try gradgradcheck([x()]) { inputs in
        let fixed = inputs[0].detach()
        return [try fixed * inputs[0] * 2.0 - fixed * fixed]
      }
    }
  }

  @Test func otherDTypesAreRefused() throws {
    let single = try Tensor([1.0], requiresGrad: true)
    #expect(throws: TensorError.self) { try gradcheck([single]) { $0 } }
    #expect(throws: TensorError.self) { try gradcheck([single.detach()]) { $0 } }
  }

  @Test func whatTheFunctionThrowsComesThrough() throws {
    struct Own: Error {}
    let error = try #require(throws: TensorError.self) { try gradcheck([x()]) { _ in throw Own() } }
    guard case .underlying(let inner) = error.kind else {
      Issue.record("\(error)")
      return
    }
    #expect(inner is Own)
  }

  /// An operator that forgets to record has no gradient, and slopes that say it should have one.
  @Test func whatIsNotRecordedIsFound() throws {
    for check in [gradcheck, gradgradcheck] as [GradCheck] {
      let wrong = try mismatch {
        try check([x()], 1e-6, 1e-5, 1e-3) { [try $0[0].detach() * 3.0] }
      }
      #expect(wrong.analytic == 0)
      #expect(abs(wrong.numeric - 3) < 1e-6)
      // A constant has no gradient rightly.
      try check([x()], 1e-6, 1e-5, 1e-3) { _ in [try Tensor.ones([2], dtype: .float64)] }
      // Beside a result that requires a gradient one that does not is left out.
      try check([x()], 1e-6, 1e-5, 1e-3) { [try $0[0] * $0[0], try $0[0].detach() * 3.0] }
    }
  }

  private typealias GradCheck = (
    [Tensor], Double, Double, Double, @escaping ([Tensor]) throws -> [Tensor]
  ) throws(TensorError) -> Void

  /// Inside `noGrad` nothing was recorded, so that any gradient passed.
  @Test func recordingIsOnInside() throws {
    _ = try mismatch {
      try noGrad {
        try gradcheck([x()]) { inputs in
          let y = try inputs[0] * 3.0
          try y.registerHook { try $0 * 2.0 }
          return [y]
        }
      }
    }
    try noGrad { try gradgradcheck([x()]) { [try $0[0].tanh()] } }
  }

  /// Results whose number or sizes follow the inputs' values.
  @Test func changingShapesAreAnError() throws {
    let x = try Tensor([0.0, 1.5], dtype: .float64, requiresGrad: true)
    func isLow(_ x: Tensor) throws -> Bool { try x.scalars(as: Double.self)[0] < 0 }
    let functions: [([Tensor]) throws -> [Tensor]] = [
      { [try isLow($0[0]) ? try $0[0].sum() : try $0[0] * 2.0] },
      { try isLow($0[0]) ? [] : [try $0[0] * 2.0] },
      { try isLow($0[0]) ? [try $0[0] * 2.0, $0[0]] : [try $0[0] * 2.0] },
    ]
    for function in functions {
      let error = try #require(throws: TensorError.self) { try gradcheck([x], function) }
      #expect("\(error.kind)" == "invalidArgument")
      #expect(error.message.contains("element 0 of input 0"))
    }
  }

  @Test func secondDerivativesNeedDoubleResults() throws {
    let error = try #require(throws: TensorError.self) {
      try gradgradcheck([x()]) { [try $0[0] * 2.0, try $0[0].to(.float32)] }
    }
    #expect(error.message.contains("output 1"))
  }
}
