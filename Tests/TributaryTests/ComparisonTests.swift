import Testing
import Tributary

@Suite struct ComparisonTests {
  @Test func compares() throws {
    let a = try Tensor([1.0, 2.0, 3.0, .nan])
    let b = try Tensor([2.0, 2.0, 2.0, .nan])
    let no = false
    #expect(try (a .== b).scalars(as: Bool.self) == [no, true, no, no])
    #expect(try (a .!= b).scalars(as: Bool.self) == [true, no, true, true])
    #expect(try (a .< b).scalars(as: Bool.self) == [true, no, no, no])
    #expect(try (a .<= b).scalars(as: Bool.self) == [true, true, no, no])
    #expect(try (a .> 2.0).scalars(as: Bool.self) == [no, no, true, no])
    #expect(try (a .>= 2).scalars(as: Bool.self) == [no, true, true, no])
    let wide = try Tensor([[1], [3]]) .< Tensor([2.5, 0.5])
    #expect(wide.shape == [2, 2])
    #expect(try wide.scalars(as: Bool.self) == [true, no, no, no])
  }

  @Test func resultsAreNotRecorded() throws {
    let a = try Tensor([1.0], requiresGrad: true)
    #expect(try !(a .> 0).requiresGrad)
    #expect(try !a.isfinite().requiresGrad)
  }

  @Test func logic() throws {
    let a = try Tensor([0, 0, 3, 5])
    let b = try Tensor([0.0, 0.5, 0.0, .nan])
    #expect(try a.logicalAnd(b).scalars(as: Bool.self) == [false, false, false, true])
    #expect(try a.logicalOr(b).scalars(as: Bool.self) == [false, true, true, true])
    #expect(try a.logicalXor(b).scalars(as: Bool.self) == [false, true, true, false])
    #expect(try b.logicalNot().scalars(as: Bool.self) == [true, false, true, false])
    #expect(try (a ^ a.bitwiseNot()).scalars(as: Int.self) == [-1, -1, -1, -1])
    #expect(try (~(a .> 0)).scalars(as: Bool.self) == [true, true, false, false])
  }

  @Test func classifiesNumbers() throws {
    let x = try Tensor([1.0, .nan, .infinity, -.infinity], dtype: .float64)
    #expect(try x.isnan().scalars(as: Bool.self) == [false, true, false, false])
    #expect(try x.isinf().scalars(as: Bool.self) == [false, false, true, true])
    #expect(try x.isfinite().scalars(as: Bool.self) == [true, false, false, false])
    #expect(try Tensor([1, 2]).isfinite().scalars(as: Bool.self) == [true, true])
  }

  @Test func equalityAndCloseness() throws {
    let a = try Tensor([1.0, 2.0])
    #expect(try a.equal(Tensor([1, 2])))
    #expect(try !a.equal(Tensor([1.0, 2.5])))
    #expect(try !a.equal(Tensor([[1.0, 2.0]])))
    #expect(try Tensor.zeros([0, 3]).equal(Tensor.zeros([0, 3])))
    #expect(try !Tensor([Double.nan]).equal(Tensor([Double.nan])))
    #expect(try a.allclose(a + 1e-6))
    #expect(try !a.allclose(a + 1e-2))
    #expect(try Tensor([Double.infinity]).allclose(Tensor([Double.infinity])))
    #expect(try !Tensor([Double.infinity]).allclose(Tensor([1.0])))
    #expect(try !Tensor([Double.nan]).allclose(Tensor([Double.nan])))
    #expect(try Tensor([Double.nan]).allclose(Tensor([Double.nan]), equalNaN: true))
    #expect(throws: TensorError.self) { try a.allclose(a, rtol: -1) }
  }
}
