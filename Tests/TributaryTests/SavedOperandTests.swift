import Testing
import Tributary

/// A product saves an operand for the other's gradient only.
@Suite struct SavedOperandTests {
  private func expectUnneededOperandIsFree(
    _ product: (_ x: Tensor, _ w: Tensor) throws -> Tensor
  ) throws {
    // The weight alone requires a gradient: the weight is not needed, and may change before the pass.
    let x = try Tensor([[1.0, 2], [3, 4]])
    let w = try Tensor([[1.0, 0], [0, 1]], requiresGrad: true)
    let y = try product(x, w)
    try noGrad { () throws(TensorError) in _ = try w.mul_(5) }
    try y.sum().backward()
    #expect(w.grad != nil)

    // The input alone: nor is the input.
    let v = try Tensor([[1.0, 2], [3, 4]], requiresGrad: true)
    let z = try product(v, Tensor([[1.0, 2], [3, 4]]))
    try noGrad { () throws(TensorError) in _ = try v.mul_(5) }
    try z.sum().backward()
    #expect(v.grad != nil)

    // What is needed is still checked.
    let changed = try Tensor([[1.0, 2], [3, 4]])
    let late = try product(changed, w)
    _ = try changed.mul_(2)
    #expect(throws: TensorError.self) { try late.sum().backward() }
  }

  private func expectOperandIsLetGo(
    _ product: (_ x: Tensor, _ w: Tensor) throws -> Tensor
  ) throws {
    weak var held: Tensor?
    func record() throws -> Tensor {
      let input = try Tensor.ones([2, 2], requiresGrad: true)
      let weight = try Tensor.ones([2, 2])
      let copy = try input.clone()
      held = copy
      return try product(copy, weight)
    }
    let out = try record()
    #expect(held == nil)
    try out.sum().backward()
  }

  @Test func matmul() throws {
    try expectUnneededOperandIsFree { try $0.matmul($1) }
    try expectOperandIsLetGo { try $0.matmul($1) }
  }

  @Test func linearWithBias() throws {
    let bias = try Tensor([0.5, 1], requiresGrad: true)
    try expectUnneededOperandIsFree { try linear($0, $1, bias) }
    try expectOperandIsLetGo { try linear($0, $1, bias) }
    // Only the bias requires a gradient: neither is saved.
    let (x, w) = (try Tensor.ones([2, 2]), try Tensor.ones([2, 2]))
    let y = try linear(x, w, bias)
    _ = try x.mul_(2)
    _ = try w.mul_(2)
    try bias.setGrad(nil)
    try y.sum().backward()
    #expect(try bias.grad?.scalars(as: Double.self) == [2, 2])
  }

  @Test func linearWithoutFeatures() throws {
    let bias = try Tensor([0.5, 1], requiresGrad: true)
    let x = try Tensor.zeros([2, 3, 0], requiresGrad: true)
    let w = try Tensor.zeros([2, 0], requiresGrad: true)
    let y = try linear(x, w, bias)
    #expect(y.shape == [2, 3, 2])
    #expect(
      try y.detach().scalars(as: Double.self)
        == Array(repeating: [0.5, 1], count: 6).flatMap { $0 })
    try y.sum().backward()
    #expect(try bias.grad?.scalars(as: Double.self) == [6, 6])
    #expect(x.grad?.shape == [2, 3, 0])
    #expect(w.grad?.shape == [2, 0])
  }
}
