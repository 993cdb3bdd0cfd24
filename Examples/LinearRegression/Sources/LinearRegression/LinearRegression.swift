import Tributary
import TributaryNN

/// Finds the line behind noisy points by gradient descent.
@main
struct LinearRegression {
  static func main() throws {
    // 200 points of y = 3 x - 1, with some noise.
    let x = try Tensor.rand([200, 1]) * 2 - 1
    let y = try x * 3 - 1 + Tensor.randn([200, 1]) * 0.1

    let model = try Linear(1, 1)
    let optimizer = try SGD(model.parameters, lr: 0.1, momentum: 0.9)

    for step in 1...100 {
      try optimizer.zeroGrad()
      let loss = try mseLoss(model(x), y)
      try loss.backward()
      try optimizer.step()
      if step % 20 == 0 { print("step \(step): loss \(try loss.item())") }
    }
    for parameter in model.parameters { print(parameter) }
  }
}
