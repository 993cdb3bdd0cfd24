import Tributary

/// The product of square matrices on several threads against one.
struct Product {
  let threads: Int
  let rounds: Int

  func report() throws {
    print(padded("n", 6), padded("1 thread", 18), padded("\(threads) threads", 18), "times as fast")
    for n in [256, 512, 1024, 2048, 4096] {
      let (a, b) = (try Tensor.randn([n, n]), try Tensor.randn([n, n]))
      let operations = 2 * Double(n) * Double(n) * Double(n)
      // Small products many times, so that a time is some milliseconds; a width's first call, which finds no workers
      // and another's caches, is one of many.
      let calls = max(1, Int(4e9 / operations))
      let turns = try Turns(
        rounds: max(3, min(rounds, Int(2e12 / operations))),
        [1, threads].map { width in
          (
            "\(width)",
            { try withThreads(width) { for _ in 0..<calls { _ = try a.matmul(b) } } }
          )
        })
      let (one, many) = (
        turns.median("1") / Double(calls), turns.median("\(threads)") / Double(calls)
      )
      print(
        padded("\(n)", 6), column(operations / one * 1e-6, 7, digits: 1), padded(" GFLOP/s", 10),
        column(operations / many * 1e-6, 7, digits: 1), padded(" GFLOP/s", 10),
        column(one / many, 6, digits: 3))
    }
  }
}
