import Tributary

// One layer and its loss.
let x = try Tensor.ones([5])
let y = try Tensor.zeros([3])
let w = try Tensor.randn([5, 3], requiresGrad: true)
let b = try Tensor.randn([3], requiresGrad: true)
let z = try x.matmul(w) + b
let loss = try binaryCrossEntropyWithLogits(z, y)
print(loss)

// The functions that made them.
print("z was made by", z.gradFn.map(String.init(describing:)) ?? "nobody")
print("loss was made by", loss.gradFn.map(String.init(describing:)) ?? "nobody")
print("w is a leaf:", w.isLeaf)

// The gradients.
try loss.backward()
if let gradient = w.grad { print(gradient) }
if let gradient = b.grad { print(gradient) }

// A second pass over the same graph is an error, and changes nothing.
do {
  try loss.backward()
} catch {
  print(error.message)
}

// Three ways not to record.
let frozen = try noGrad { try x.matmul(w) + b }
print("frozen requires a gradient:", frozen.requiresGrad)
let same = z.detach()
print("same requires a gradient:", same.requiresGrad)
try w.requiresGrad_(false)
print("w requires a gradient:", w.requiresGrad)
try w.requiresGrad_()

// A result that is not one number.
let inp = try Tensor.eye(5, requiresGrad: true)
let out = try (inp + 1).pow(2)
try out.backward(gradient: Tensor.onesLike(inp), retainGraph: true)
if let gradient = inp.grad { print(gradient) }
try out.backward(gradient: Tensor.onesLike(inp), retainGraph: true)
if let gradient = inp.grad { print(gradient) }
try inp.grad?.zero_()
try out.backward(gradient: Tensor.onesLike(inp), retainGraph: true)
if let gradient = inp.grad { print(gradient) }

// A gradient as a part of a computation: the slope's slope.
let t = try Tensor([0.5, 1.0, 2.0], requiresGrad: true)
let slope = try Tensor.grad(of: [t.pow(3).sum()], withRespectTo: [t], createGraph: true)
if let slope = slope[0] {
  print(slope)
  let curvature = try Tensor.grad(of: [slope.sum()], withRespectTo: [t])
  if let curvature = curvature[0] { print(curvature) }
}
