import Testing
import Tributary

/// Any type can be declared an element; one that does not lie in memory as its dtype does is an error.
@Suite struct ElementTypeTests {
  private struct Pair: TensorElement {
    static var dtype: DType { .float32 }
    var first: Float = 1
    var second: Float = 2
  }

  private struct Byte: TensorElement {
    static var dtype: DType { .float64 }
    var value: UInt8 = 1
  }

  private struct Metre: TensorElement, Equatable {
    static var dtype: DType { .float32 }
    var value: Float
  }

  @Test func wrongSizeIsAnError() throws {
    expectError("Tensor") { () throws(TensorError) in try Tensor([Pair(), Pair()]) }
    expectError("Tensor") { () throws(TensorError) in try Tensor([Byte(), Byte()]) }
    let x = try Tensor.ones([4])
    expectError("scalars") { () throws(TensorError) in try x.scalars(as: Pair.self) }
    expectError("scalars") { () throws(TensorError) in try x.scalars(as: Byte.self) }
    let one = try Tensor.ones([])
    expectError("item") { () throws(TensorError) in try one.item(as: Pair.self) }
    expectError("item") { () throws(TensorError) in try one.item(as: Byte.self) }
  }

  @Test func rightSizeIsTaken() throws {
    let x = try Tensor([Metre(value: 1.5), Metre(value: 2)])
    #expect(x.dtype == .float32)
    #expect(try x.scalars(as: Metre.self) == [Metre(value: 1.5), Metre(value: 2)])
  }
}
