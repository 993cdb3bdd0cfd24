import Testing
import Tributary

@Suite struct ElementwiseErrorTests {
  private func expectError(
    _ operation: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Tensor
  ) {
    do {
      _ = try body()
      Issue.record("no error", sourceLocation: sourceLocation)
    } catch let error as TensorError {
      #expect(error.operation == operation, sourceLocation: sourceLocation)
      #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
    } catch {
      Issue.record("\(error)", sourceLocation: sourceLocation)
    }
  }

  @Test func shapes() throws {
    let (a, b) = (try Tensor.ones([2, 3]), try Tensor.ones([4]))
    expectError("add", "do not broadcast") { try a + b }
    expectError("eq", "do not broadcast") { try a.eq(b) }
    expectError("where", "do not broadcast") { try Tensor.where(a .> 0, a, b) }
    expectError("addcmul", "do not broadcast") { try a.addcmul(a, b) }
    expectError("lerp", "do not broadcast") { try a.lerp(a, weight: b) }
    expectError("add_", "must broadcast") { try b.add_(Tensor.ones([2, 4])) }
    expectError("copy_", "must broadcast") { try a.copy_(b) }
  }

  @Test func divisionByZero() throws {
    let (a, zero) = (try Tensor([1, 2]), try Tensor([1, 0]))
    expectError("div", "by zero") { try a.div(zero, roundingMode: .floor) }
    expectError("div", "by zero") { try a.div(0, roundingMode: .trunc) }
    expectError("remainder", "by zero") { try a % zero }
    expectError("remainder", "by zero") { try a % 0 }
    expectError("fmod", "by zero") { try a.fmod(zero) }
    expectError("remainder", "by zero") { try Tensor([3], dtype: .uint8) % 256 }
    #expect(try (a / zero).doubles() == [1, .infinity])
    #expect(try a.to(.float32).div(0, roundingMode: .floor).doubles()[0] == .infinity)
  }

  @Test func dtypes() throws {
    let (mask, whole, real) = (
      try Tensor.full([2], true), try Tensor([1, 2]), try Tensor([1.0, 2.0])
    )
    expectError("sub", "logicalXor") { try mask - mask }
    expectError("neg", "not defined for bool") { try -mask }
    expectError("gelu", "not defined for int64") { try whole.gelu() }
    expectError("bitwiseAnd", "not defined for float32") { try real & real }
    expectError("bitwiseNot", "not defined for float32") { try ~real }
    expectError("where", "must be bool") { try Tensor.where(whole, real, real) }
    expectError("lerp", "one dtype") { try real.lerp(real.to(.float64), weight: 0.5) }
    expectError("addcdiv", "not defined") { try whole.addcdiv(whole, whole) }
    expectError("add", "whole number") { try whole.add(whole, alpha: 1.5) }
    expectError("pow", "negative power") { try whole.pow(-1) }
    expectError("clamp", "min, max or both") { try real.clamp(min: nil as Double?) }
    #expect(try whole.addcmul(whole, whole, value: 2).scalars(as: Int.self) == [3, 10])
  }

  @Test func wholeBoundsAreExact() throws {
    let big = 1 << 60 + 1
    let x = try Tensor([big, -big])
    #expect(try x.clamp(min: 1 - big, max: big).scalars(as: Int.self) == [big, 1 - big])
    #expect(
      try x.add(x, alpha: big).scalars(as: Int.self) == [big &+ big &* big, -big &- big &* big])
  }
}
