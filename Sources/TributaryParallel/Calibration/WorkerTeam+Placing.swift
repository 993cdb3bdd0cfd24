import CTributaryShims
import Synchronization

extension WorkerTeam {
  /// Puts each thread of the team on a core of its own, for measurements: where the system leaves two threads on one core
  /// while another idles, a measured time tells of that and of nothing else. Undone by ``releaseThreads()``.
  ///
  /// All threads of the process but the caller get the other cores: a worker that leaves may come back on another
  /// thread. Call it from the thread that is going to open the work.
  ///
  /// - Returns: nanoseconds that a fixed piece of arithmetic, and changing a word in turn, took on the slowest of the
  ///   threads: how much of its cores the machine leaves to the process just now, and how near each other these lie.
  ///   Infinite where not all threads came.
  @discardableResult
  package func placeThreads() -> Double {
    let cores = coreOfWorker
    let others = AffinityMask(
      cores: width > 1 ? Array(cores.dropFirst()) : topology.nodes.flatMap(\.cores))
    others.applyToOthers()
    _ = AffinityMask(cores: [cores[0]]).apply()
    // So that `unpinned` starts further threads under the mask of the process, which they would inherit from here.
    tri_parallel().pointee.node = 1
    let slowest = Atomic<UInt64>(0)
    let turn = Atomic<Int>(0)
    let came = onEachThread { worker in
      if worker > 0 { _ = AffinityMask(cores: [cores[worker]]).apply() }
    } meanwhile: {
      let worker = Int(tri_thread().pointee.worker)
      let time = Sample.time {
        Arithmetic.run()
        // Relaxed, all of them: no data goes with the word, and the threads are joined before the result is read.
        let end = tri_nanoseconds() + 2_000_000
        for round in 0..<100 {
          while turn.load(ordering: .relaxed) < round * width + worker, tri_nanoseconds() < end {}
          turn.wrappingAdd(1, ordering: .relaxed)
        }
      }
      slowest.max(UInt64(time), ordering: .relaxed)
    }
    return came ? Double(slowest.load(ordering: .relaxed)) : .infinity
  }

  /// For each worker a core of its NUMA node, another one as long as there are some.
  private var coreOfWorker: [Int] {
    var taken = [Int](repeating: 0, count: topology.nodes.count)
    return nodeOfWorker.map { node in
      let cores = topology.nodes[node].cores
      defer { taken[node] += 1 }
      return cores[taken[node] % cores.count]
    }
  }

  /// Gives the threads the mask of the process back.
  package func releaseThreads() {
    tri_parallel().pointee.node = 0
    _ = AffinityMask.ofProcess?.apply()
    AffinityMask.ofProcess?.applyToOthers()
  }

  /// Runs `body` once on each thread of the team, by its number.
  @discardableResult
  private func onEachThread(
    _ body: (_ worker: Int) -> Void, meanwhile: () -> Void = {}
  ) -> Bool {
    for _ in 0..<5 {
      let arrived = Atomic<Int>(0)
      let late = Atomic<Bool>(false)
      _ = concurrentRun(count: width, on: self) { _ in
        body(Int(tri_thread().pointee.worker))
        // Relaxed: a count. Who has arrived waits for the others, so that nobody runs two of these.
        arrived.wrappingAdd(1, ordering: .relaxed)
        let end = tri_nanoseconds() + 2_000_000
        while arrived.load(ordering: .relaxed) < width, tri_nanoseconds() < end { tri_cpu_pause() }
        if arrived.load(ordering: .relaxed) < width { late.store(true, ordering: .relaxed) }
        meanwhile()
      }
      if !late.load(ordering: .relaxed) { return true }
    }
    return false
  }
}
