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
}
