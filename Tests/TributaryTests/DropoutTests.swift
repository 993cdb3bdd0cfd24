import Testing
import Tributary
import TributaryParallel

@Suite struct DropoutTests {
  @Test func elementsAreLeftOutOrScaled() throws {
    let out = try Tensor.ones([10_000]).dropout(0.25, generator: Generator(seed: 1))
    let values = try out.scalars(as: Float.self)
    #expect(Set(values) == [0, Float(1 / 0.75)])
    #expect((2300...2700).contains(values.count { $0 == 0 }))
    #expect(try Tensor.ones([3]).dropout(1).scalars(as: Float.self) == [0, 0, 0])
  }

  @Test func theGradientHasTheSameMask() throws {
    let x = try Tensor.ones([1000], requiresGrad: true)
    let out = try x.dropout(0.5)
    try out.sum().backward()
    #expect(try x.grad?.equal(out.detach()) == true)
  }

  @Test func itPassesWhereNotTraining() throws {
    let x = try Tensor.randn([5])
    #expect(try x.dropout(0.5, training: false) === x)
    #expect(try x.dropout(0) === x)
  }

  @Test(arguments: [2, 3, 8]) func widthsGiveTheSameBits(width: Int) throws {
    func computed(_ width: Int) throws -> Tensor {
      try WorkerTeam.withTeam(WorkerTeam(width: width)) {
        try Tensor.ones([70_000]).dropout(0.3, generator: Generator(seed: 2))
      }
    }
    #expect(try computed(width).equal(computed(1)))
  }
}
