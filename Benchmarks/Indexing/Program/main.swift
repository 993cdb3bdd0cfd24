// The Tributary side of Benchmarks/Indexing/peer.py, which says what is measured:
//
//     index-rates THREADS [NAME ...]
//
// prints "NAME<tab>median milliseconds" for each.

import Foundation
import Tributary
import TributaryParallel

private let total = 10_000_000
private let repeats = 5

private struct Case {
  let name: String
  let operands: () throws -> [Tensor]
  let call: ([Tensor]) throws -> Void
}

private func floats(_ shape: Shape) throws -> Tensor {
  try Tensor.randn(shape, generator: Generator(seed: 1))
}

private func below(_ limit: Int, _ shape: Shape) throws -> Tensor {
  try Tensor.randint(0, limit, shape, generator: Generator(seed: 2))
}

private let cases: [Case] = {
  var all: [Case] = []
  func add(
    _ name: String, _ operands: @escaping () throws -> [Tensor],
    _ call: @escaping ([Tensor]) throws -> Void
  ) {
    all.append(Case(name: name, operands: operands, call: call))
  }
  for kind in ["float32", "int64"] {
    for (rows, length) in [(1, total), (100, 100_000), (10_000, 1000)] {
      let shape: Shape = [rows, length]
      let make = { [try kind == "float32" ? floats(shape) : below(1 << 62, shape)] }
      add("sort \(kind) \(rows)x\(length)", make) { _ = try $0[0].sort(dim: 1) }
      add("argsort \(kind) \(rows)x\(length)", make) { _ = try $0[0].argsort(dim: 1) }
      add("topk \(kind) \(rows)x\(length)", make) { _ = try $0[0].topk(10, dim: 1) }
    }
  }
  add("sort int64 small 1x10000000", { [try below(1000, [1, total])] }) {
    _ = try $0[0].sort(dim: 1)
  }
  for (rows, length) in [(1, total), (10_000, 1000)] {
    add("cumsum \(rows)x\(length) inner", { [try floats([rows, length])] }) {
      _ = try $0[0].cumsum(1)
    }
  }
  let plane: Shape = [10_000, 1000]
  add("cumsum 10000x1000 outer", { [try floats(plane)] }) { _ = try $0[0].cumsum(0) }
  add("cumprod 10000x1000 inner", { [try floats(plane) * 0.01 + 1] }) { _ = try $0[0].cumprod(1) }
  add("cummax 10000x1000 inner", { [try floats(plane)] }) { _ = try $0[0].cummax(1) }
  add("logcumsumexp 10000x1000 inner", { [try floats(plane)] }) { _ = try $0[0].logcumsumexp(1) }
  for (rows, length) in [(1, total), (10_000, 1000)] {
    let shape: Shape = [rows, length]
    let three = { [try floats(shape), try below(length, shape), try floats(shape)] }
    add("gather \(rows)x\(length)", three) { _ = try $0[0].gather(1, $0[1]) }
    add("scatterAdd \(rows)x\(length)", three) { _ = try $0[0].scatterAdd(1, $0[1], $0[2]) }
    add("scatter \(rows)x\(length)", three) { _ = try $0[0].scatter(1, $0[1], $0[2]) }
  }
  let outer = { [try floats(plane), try below(10_000, plane), try floats(plane)] }
  add("gather outer 10000x1000", outer) { _ = try $0[0].gather(0, $0[1]) }
  add("scatterAdd outer 10000x1000", outer) { _ = try $0[0].scatterAdd(0, $0[1], $0[2]) }
  add("indexSelect 1x10000000", { [try floats([total]), try below(total, [total])] }) {
    _ = try $0[0].indexSelect(0, $0[1])
  }
  add("indexSelect rows 10000x1000", { [try floats(plane), try below(10_000, [10_000])] }) {
    _ = try $0[0].indexSelect(0, $0[1])
  }
  add("indexSelect columns 10000x1000", { [try floats(plane), try below(1000, [1000])] }) {
    _ = try $0[0].indexSelect(1, $0[1])
  }
  let rows = { [try floats(plane), try below(10_000, [10_000]), try floats(plane)] }
  add("indexAdd rows 10000x1000", rows) { _ = try $0[0].indexAdd(0, $0[1], $0[2]) }
  return all
}()

private func median(of body: () throws -> Void) rethrows -> Double {
  try body()
  var times: [Double] = []
  for _ in 0..<repeats {
    let start = ContinuousClock.now
    try body()
    let time = ContinuousClock.now - start
    times.append(
      Double(time.components.seconds) * 1e3 + Double(time.components.attoseconds) * 1e-15)
  }
  return times.sorted()[repeats / 2]
}

let threads = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 2 : 2
let names = CommandLine.arguments.dropFirst(2)
try WorkerTeam.withTeam(WorkerTeam(width: threads)) {
  for one in cases where names.isEmpty || names.contains(one.name) {
    let operands = try one.operands()
    let time = try median { try one.call(operands) }
    print("\(one.name)\t\(String(format: "%.3f", time))")
  }
}
