import Testing
import Tributary

/// Modes hold for their closure, also across `await`, and for nothing else.
@Suite struct AutogradModeTests {
  private func records() async -> Bool {
    await Task.yield()
    return isGradEnabled
  }

  @Test func modesHoldAcrossAwait() async throws {
    #expect(await records())
    await noGrad {
      #expect(await !records())
      #expect(await enableGrad { await records() })
      #expect(await withGradEnabled(true) { await records() })
      #expect(await !withGradEnabled(false) { await records() })
      // Child tasks inherit it, detached ones do not.
      async let child = records()
      #expect(await !child)
      #expect(await Task.detached { isGradEnabled }.value)
      #expect(await !records())
    }
    #expect(await records())
  }

  @Test func errorsKeepTheirTypeAndEndTheMode() async {
    func fail() async throws(TensorError) { _ = try Tensor([1.0]).reshape([2]) }
    await #expect(throws: TensorError.self) {
      try await enableGrad { () async throws(TensorError) in try await fail() }
    }
    await #expect(throws: TensorError.self) {
      try await withGradEnabled(false) { () async throws(TensorError) in try await fail() }
    }
    #expect(isGradEnabled)
  }
}
