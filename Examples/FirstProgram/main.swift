import Tributary
import TributaryNN

// Four small networks look at the same input; together they learn the squared length of a vector.
func train() throws {
  manualSeed(1)
  let x = try Tensor.randn([64, 8])
  let y = try (x * x).sum(dim: 1, keepDim: true)

  let tanh = Activation { x throws(TensorError) in try x.tanh() }
  let branches = try (0..<4).map { _ in
    Sequential([try Linear(8, 32), tanh, try Linear(32, 1)])
  }
  let optimizer = try Adam(branches.flatMap(\.parameters), lr: 0.01)

  for step in 1...200 {
    // The branches are recorded at the same time and differentiated at the same time. The graph, and every
    // bit of the loss, are those of a serial loop.
    let outputs = try concurrentMap(branches) { branch throws(TensorError) in try branch(x) }
    let loss = try mseLoss(Tensor.stack(outputs).sum(dim: 0), y)
    try optimizer.zeroGrad()
    try loss.backward()
    try optimizer.step()
    if step % 50 == 0 { print("step \(step): loss \(try loss.item())") }
  }
}

try train()
