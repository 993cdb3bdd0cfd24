import Testing
import Tributary
import TributaryMemory

/// A sum of gradients goes into the memory of the sum before it only where it fits there, and where that is its own.
@Suite struct GradientSumTests {
  @Test func aSumThatDoesNotFitIsANewTensor() throws {
    // Twice: with the first contribution and with a sum that is its own.
    for own in [false, true] {
      var shapes = GradientSum()
      try shapes.add(try Tensor([1.0]))
      if own { try shapes.add(try Tensor([2.0])) }
      try shapes.add(try Tensor([10.0, 20, 30]))
      let first = own ? 3.0 : 1
      #expect(try shapes.value?.scalars(as: Double.self) == [10, 20, 30].map { $0 + first })

      var dtypes = GradientSum()
      try dtypes.add(try Tensor([1.0, 2], dtype: .bfloat16))
      if own { try dtypes.add(try Tensor([2.0, 1], dtype: .bfloat16)) }
      try dtypes.add(try Tensor([0.001, 0.002], dtype: .float32))
      #expect(dtypes.value?.dtype == .float32)
      let sought = try Tensor(own ? [3.0, 3] : [1, 2]) + Tensor([0.001, 0.002])
      #expect(try dtypes.value?.equal(sought) == true)
    }
  }

  /// Its owner may read it still, or have it read-only.
  @Test func adoptedMemoryIsNotKeptAsAGradient() throws {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    defer { memory.deallocate() }
    memory.assumingMemoryBound(to: Float.self).initialize(repeating: 3, count: 16)
    let address = UInt(bitPattern: memory)
    let x = try Tensor.ones([16], requiresGrad: true)
    try x.registerHook { _ in
      // SAFETY: the memory outlives the pass, and holds sixteen floats.
      let pointer = UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
      let buffer = TiledBuffer.adopting(pointer, byteCount: 64) {}
      return Tensor(buffer: buffer, layout: Layout(dense: [16], count: 16), dtype: .float32)
    }
    try x.sum().backward()
    let grad = try #require(x.grad)
    #expect(!grad.buffer.isAdopted)
    #expect(try grad.scalars(as: Float.self) == [Float](repeating: 3, count: 16))
  }
}
