import Glibc
import Testing
import Tributary

@Suite struct ShapeTests {
  @Test func negativeIndicesCountFromTheEnd() throws {
    let x = try Tensor.zeros([2, 3, 5])
    #expect((-3..<3).map { x.shape[$0] } == [2, 3, 5, 2, 3, 5])
    #expect(x.strides[-1] == 1 && x.strides[-3] == 15)
    var shape = x.shape
    shape[-2] = 7
    shape[0] += 1
    #expect(shape == [3, 7, 5])
    #expect(Array(shape) == [3, 7, 5] && shape.last == 5 && Array(shape[1...]) == [7, 5])
    let full: Shape = [1, 2, 3, 4, 5, 6, 7, 8]
    #expect(full[7] == 8 && full[-8] == 1)
  }

  @Test func sizesOfDims() throws {
    let x = try Tensor.zeros([2, 3, 5])
    #expect(try (-3..<3).map { try x.size($0) } == [2, 3, 5, 2, 3, 5])
    for dim in [3, -4, .max, .min] {
      let error = try #require(throws: TensorError.self) { try x.size(dim) }
      #expect("\(error.kind)" == "indexOutOfRange" && error.operation == "size")
      #expect(error.shapes == [[2, 3, 5]] && error.message.contains("-3 to 2"))
    }
    expectError("size") { () throws(TensorError) in try Tensor(1.0).size(0) }
    expectError("size") { () throws(TensorError) in try Tensor(1.0).size(-1) }
  }

  @Test func anIndexBeyondTheRankEndsTheProcess() async throws {
    let above = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      forgoBacktrace()
      _ = Shape([2, 3])[2]
    }
    let text = String(decoding: try #require(above).standardErrorContent, as: UTF8.self)
    #expect(text.contains("dim 2 is out of range for a shape of 2 dims"))
    await #expect(processExitsWith: .failure) {
      forgoBacktrace()
      _ = Shape([2, 3])[-3]
    }
    await #expect(processExitsWith: .failure) {
      forgoBacktrace()
      var shape: Shape = [2, 3]
      shape[2] = 5
    }
  }
}

/// Swift's runtime would take seconds to write down where a test process trapped.
private func forgoBacktrace() {
  for number in [SIGILL, SIGTRAP, SIGABRT] { signal(number, SIG_DFL) }
}
