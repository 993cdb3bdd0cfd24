// Counts the heap allocations of recorded elementwise operators on a small tensor, and fails above the limit.
//
// A small graph is all overhead, and most of the overhead is allocation: so the count is gated, where a time
// would only be noise. Each line says `ok` or `FAILED`, and what was counted.

import CAllocationCounter
import Glibc
import Tributary

/// Tensor, node, and the detached result where the gradient needs it. A buffer's object comes with its memory.
let limit = 3

final class Probe {}

@inline(never)
func makeProbe() -> AnyObject { Probe() }

/// The most allocations of any call of `body`, once pools and caches are filled.
func allocations<Made>(_ body: () throws -> Made) rethrows -> Int {
  var most = 0
  for round in 0..<200 {
    let before = tri_allocation_count()
    let made = try body()
    let used = tri_allocation_count() - before
    withExtendedLifetime(made) {}
    if round >= 100 { most = max(most, used) }
  }
  return most
}

func run() throws -> Bool {
  // A counter that does not count would let everything pass.
  guard allocations(makeProbe) == 1 else {
    print(
      "FAILED allocations: the counter does not see a Swift object; glibc's allocator is needed")
    return false
  }

  let x = try Tensor([0.5, 1, 1.5], requiresGrad: true)
  let y = try Tensor([1.0, 2, 3], requiresGrad: true)
  let z = try Tensor([0.1, 0.2, 0.3], requiresGrad: true)
  let column = try Tensor([[1.0], [2]], requiresGrad: true)
  let table = try Tensor([[1.0, 2], [3, 4]], requiresGrad: true)
  let turned = try table.t()
  let condition = try Tensor([true, false, true])
  let double = try Tensor([1.0, 2, 3], dtype: .float64, requiresGrad: true)
  let whole = try Tensor([1, 2, 3])
  let operators: [(String, () throws -> Tensor)] = [
    ("x + y", { try x + y }), ("x - y", { try x - y }), ("x * y", { try x * y }),
    ("x / y", { try x / y }), ("x + 0.1", { try x + 0.1 }), ("x * 1.0001", { try x * 1.0001 }),
    ("1 - x", { try 1 - x }), ("-x", { try -x }), ("x.pow(2)", { try x.pow(2) }),
    ("x.maximum(y)", { try x.maximum(y) }),
    ("x.clamp(min:max:)", { try x.clamp(min: 0.6, max: 1) }),
    ("x.abs()", { try x.abs() }), ("x.sqrt()", { try x.sqrt() }), ("x.exp()", { try x.exp() }),
    ("x.log()", { try x.log() }), ("x.tanh()", { try x.tanh() }),
    ("x.sigmoid()", { try x.sigmoid() }), ("x.relu()", { try x.relu() }),
    ("x.gelu()", { try x.gelu() }), ("x.silu()", { try x.silu() }), ("x.erf()", { try x.erf() }),
    ("x.softplus()", { try x.softplus() }), ("x.leakyRelu()", { try x.leakyRelu() }),
    ("x.sin()", { try x.sin() }), ("x.tan()", { try x.tan() }), ("x.mish()", { try x.mish() }),
    ("x.digamma()", { try x.digamma() }), ("x.polygamma(1)", { try x.polygamma(1) }),
    ("x.atan2(y)", { try x.atan2(y) }), ("x.hypot(y)", { try x.hypot(y) }),
    ("x.log1p()", { try x.log1p() }), ("x.expm1()", { try x.expm1() }),
    ("x.rsqrt()", { try x.rsqrt() }), ("x.reciprocal()", { try x.reciprocal() }),
    ("x.square()", { try x.square() }), ("x.floor()", { try x.floor() }),
    ("x.pow(2.5)", { try x.pow(2.5) }), ("Tensor.pow(2, x)", { try Tensor.pow(2.0, x) }),
    ("x.minimum(y)", { try x.minimum(y) }), ("x.fmod(y)", { try x.fmod(y) }),
    ("x.remainder(y)", { try x.remainder(y) }),
    ("where(c, x, y)", { try Tensor.where(condition, x, y) }),
    ("x.pow(y)", { try x.pow(y) }), ("x.lerp(y, weight: 0.3)", { try x.lerp(y, weight: 0.3) }),
    ("x.lerp(y, weight: z)", { try x.lerp(y, weight: z) }),
    ("x.addcmul(y, z)", { try x.addcmul(y, z) }), ("x.addcdiv(y, z)", { try x.addcdiv(y, z) }),
    ("x + column", { try x + column }), ("turned * table", { try turned * table }),
    ("float64 + float32", { try double + x }), ("int64 * float32", { try whole * x }),
    ("mseLoss(x, y)", { try mseLoss(x, y) }),
    ("binaryCrossEntropyWithLogits(x, z)", { try binaryCrossEntropyWithLogits(x, z) }),
  ]
  var good = true
  for (name, body) in operators {
    let count = try allocations(body)
    let verdict = count <= limit ? "ok" : "FAILED"
    print("\(verdict) allocations: \(name): \(count), at most \(limit)")
    if count > limit { good = false }
  }
  return good
}

do {
  exit(try run() ? 0 : 1)
} catch {
  print("FAILED allocations: \(error)")
  exit(1)
}
