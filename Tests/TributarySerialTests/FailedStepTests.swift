import Testing
import Tributary
import TributaryMemory
import TributaryNN

extension ProcessWide {
  /// A step of an optimizer that runs out of memory is as if it had not been tried.
  @Suite struct FailedStepTests {
    private static let start = [1.0, -2, 0.5, 3, 0]

    @Test func failedStepChangesNothing() throws {
      let direction = try Tensor([0.25, 0.5, -1, 2, 1])
      for make: ([Tensor]) throws -> any Optimizer in [
        { p in try SGD(p, lr: 0.1, momentum: 0.9, dampening: 0.5) },
        { p in try Adam(p, lr: 0.1) },
        { p in try AdamW(p, lr: 0.1, amsgrad: true) },
      ] {
        let good = try Tensor(Self.start, requiresGrad: true)
        let alone = try Tensor(Self.start, requiresGrad: true)
        let large = try Tensor.zeros([1 << 20], requiresGrad: true)
        let both = try make([good, large])
        let single = try make([alone])
        try good.setGrad(direction)
        try large.setGrad(Tensor.ones([1 << 20]))
        // Room for what the optimizer keeps of the first parameter, not of the second.
        BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + (1 << 20))
        #expect(throws: TensorError.self) { try both.step() }
        BufferPool.setLimit(bytes: nil)
        #expect(
          try good.detach().scalars(as: Double.self) == alone.detach().scalars(as: Double.self))
        try large.setGrad(nil)
        for _ in 0..<2 {
          try good.setGrad(direction)
          try alone.setGrad(direction)
          try both.step()
          try single.step()
        }
        #expect(
          try good.detach().scalars(as: Double.self) == alone.detach().scalars(as: Double.self))
      }
    }

    /// The same where several threads fetch: the large one stands in the middle of many.
    @Test(arguments: [1, 2, 4]) func failedStepOfManyChangesNothing(width: Int) throws {
      for make: ([Tensor]) throws -> any Optimizer in [
        { p in try SGD(p, lr: 0.1, momentum: 0.9) },
        { p in try Adam(p, lr: 0.1) },
        { p in try AdamW(p, lr: 0.1, amsgrad: true) },
      ] {
        func many() throws -> [Tensor] {
          try (0..<200).map { try Tensor.full([8], Double($0), requiresGrad: true) }
        }
        let (good, alone) = (try many(), try many())
        let large = try Tensor.zeros([1 << 20], requiresGrad: true)
        let both = try make(Array(good[..<100]) + [large] + good[100...])
        let single = try make(alone)
        func give(_ parameters: [Tensor]) throws {
          for (index, parameter) in parameters.enumerated() {
            try parameter.setGrad(Tensor.full([8], 1 / Double(index + 1)))
          }
        }
        try withThreads(width) {
          try give(good)
          try large.setGrad(Tensor.ones([1 << 20]))
          BufferPool.setLimit(bytes: BufferPool.statistics.liveBytes + (1 << 20))
          let error = #expect(throws: TensorError.self) { try both.step() }
          BufferPool.setLimit(bytes: nil)
          guard case .outOfMemory = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
          }
          try large.setGrad(nil)
          for _ in 0..<3 {
            try give(good)
            try give(alone)
            try both.step()
            try single.step()
          }
        }
        for (one, other) in zip(good, alone) {
          #expect(try one.detach().hasBits(of: other.detach()))
        }
      }
    }
  }
}
