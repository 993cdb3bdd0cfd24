import Testing
import Tributary

/// Whole numbers where dtypes end: what wraps, what saturates, what is exact.
@Suite struct IntegerCornerTests {
  @Test func clampBoundsOutsideOfTheDType() throws {
    let bytes = try Tensor([UInt8(7), 200])
    #expect(try bytes.clamp(max: 300).scalars(as: Int.self) == [7, 200])
    #expect(try bytes.clamp(min: -5).scalars(as: Int.self) == [7, 200])
    #expect(try bytes.clamp(min: 256, max: 300).scalars(as: Int.self) == [255, 255])
    #expect(try bytes.clamp(max: -1).scalars(as: Int.self) == [0, 0])
    let words = try Tensor([Int32(7), -7])
    #expect(try words.clamp(max: 1 << 40).scalars(as: Int.self) == [7, -7])
    #expect(try words.clamp(min: -1 << 40).scalars(as: Int.self) == [7, -7])
    #expect(
      try words.clamp(min: 1 << 40).scalars(as: Int32.self) == [Int32.max, Int32.max])
  }

  @Test func closenessOfIntegersIsExact() throws {
    for big in [1 << 24, 1 << 60] {
      let (a, b) = (try Tensor([big + 1]), try Tensor([big]))
      #expect(try !a.allclose(b, rtol: 0, atol: 0))
      #expect(try a.allclose(a, rtol: 0, atol: 0))
      #expect(try a.allclose(b, rtol: 0, atol: 1))
    }
    // At the edge of the tolerance, which float32 would blur.
    let (a, b) = (try Tensor([(1 << 25) + 3]), try Tensor([1 << 25]))
    #expect(try !a.allclose(b, rtol: 0, atol: 2.5))
    #expect(try a.allclose(b, rtol: 0, atol: 3))
    #expect(
      try Tensor([1, 2]).isclose(Tensor([1.0, 2.5])).scalars(as: Bool.self) == [true, false])
  }

  @Test func closenessAtTheEndsOfTheDTypes() throws {
    #expect(try !Tensor([Int.max]).allclose(Tensor([Int.min]), rtol: 0, atol: 1e18))
    #expect(try !Tensor([UInt8(0)]).allclose(Tensor([UInt8(255)]), rtol: 0, atol: 1))
    #expect(try Tensor([true, false]).allclose(Tensor([true, false])))
  }

  /// One number and a tensor of it are converted alike.
  @Test(arguments: DType.allCases)
  func numbersAreConvertedAsTensors(_ dtype: DType) throws {
    let reals: [Double] = [
      0, -0.0, 0.5, -1.5, 3e9, -3e9, 1e19, -1e19, 255.9, 256, -1, .nan, .infinity, -.infinity,
      1e300, 4294967297, 16777217,
    ]
    for real in reals {
      let cast = try Tensor([real], dtype: .float64).to(dtype)
      let filled = try Tensor.full([1], real, dtype: dtype)
      #expect(try bits(filled) == bits(cast), "\(real)")
      #expect(try bits(Tensor.zeros([1], dtype: dtype).fill_(real)) == bits(cast), "\(real)")
      let number = try Tensor(real, dtype: .float64)
      #expect(try number.item(as: Int32.self) == number.scalars(as: Int32.self)[0], "\(real)")
      #expect(try number.item(as: UInt8.self) == number.scalars(as: UInt8.self)[0], "\(real)")
    }
    // The last would be rounded twice by way of a Double.
    for whole in [0, -1, 256, .max, .min, (1 << 40) + 7, (1 << 54) + (1 << 30) + 1] {
      let cast = try Tensor([whole]).to(dtype)
      #expect(try bits(Tensor.full([1], whole, dtype: dtype)) == bits(cast), "\(whole)")
      #expect(
        try Tensor([whole]).item(as: Float.self) == Tensor([whole]).scalars(as: Float.self)[0])
    }
  }

  private func bits(_ x: Tensor) throws -> [UInt8] {
    // SAFETY: dense; the tensor lives to the end of the copy.
    defer { withExtendedLifetime(x) {} }
    return Array(UnsafeRawBufferPointer(start: x.pointer, count: x.count * x.dtype.itemSize))
  }

  @Test func aDivisorThatIsZeroOnlyInTheResultsDType() throws {
    let x = try Tensor([UInt8(8)])
    let divisor = try Tensor(256)
    expectError("div") { () throws(TensorError) in try x.div(divisor, roundingMode: .floor) }
    expectError("remainder") { () throws(TensorError) in try x % divisor }
    expectError("fmod") { () throws(TensorError) in try x.fmod(divisor) }
    // The other way round it is none.
    #expect(try Tensor([512]).div(Tensor(256, dtype: .int32), roundingMode: .floor).item() == 2)
  }

  @Test func nothingDividedByZeroIsNoError() throws {
    let nothing = try Tensor([] as [Int])
    #expect(try nothing.div(Tensor([0]), roundingMode: .floor).count == 0)
    #expect(try nothing.remainder(Tensor(0)).count == 0)
  }

  @Test func exponentsThatNoDoubleHolds() throws {
    let odd = (1 << 53) + 1
    for dtype in [DType.int64, .int32] {
      let x = try Tensor([-1, 0, 1, 2, 3], dtype: dtype)
      let powers = try x.pow(odd)
      #expect(powers.dtype == dtype)
      #expect(try powers.scalars(as: Int.self).prefix(4) == [-1, 0, 1, 0])
      #expect(try powers.mul(x).equal(x.pow(odd + 1)))
    }
    #expect(try Tensor([UInt8(255), 2]).pow(odd).scalars(as: Int.self) == [255, 0])
  }

  @Test func repeatsThatCannotBeCounted() throws {
    let empty = try Tensor.zeros([1 << 62, 0])
    expectError("repeat") { () throws(TensorError) in try empty.repeat([4, 1]) }
    expectError("repeat") { () throws(TensorError) in try empty.tile([4, 1]) }
    #expect(try empty.repeat([1, 4]).shape == [1 << 62, 0])
  }
}
