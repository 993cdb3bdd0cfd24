/// What the nodes read and write, and where that lies.
///
/// What a node had saved was written in the forward pass, and the gradients of leaves are kept: they come from and go to
/// memory where the whole pass is larger than the shared cache, else the shared cache. Gradients under way were written
/// a moment ago: they come from the core's own cache where they fit, else the shared one, and from the cache of the core
/// that made them where that is another.
extension PassReplay {
  func setDemands(_ worker: Int, of node: Int, work: Double, total: Double) {
    let share = work / max(1, Double(pass.nodes.time[node]))
    let kept =
      pass.nodes.bytesSaved[node] + (pass.nodes.isLeaf[node] ? pass.nodes.bytesIn[node] : 0)
    let passing = pass.nodes.isLeaf[node] ? 0 : pass.nodes.bytesIn[node] + pass.nodes.bytesOut[node]
    var (main, shared) = (0, 0)
    if graph.footprint > costs.memory.sharedCacheBytes { main += kept } else { shared += kept }
    if passing > costs.memory.sharedCacheBytes {
      main += passing
    } else if passing > costs.memory.ownCacheBytes {
      shared += passing
    }
    // A core draws no more than it reaches alone: what is counted beyond that lay in its own cache.
    func demand(_ bytes: Int, _ bandwidth: ReplayCosts.Bandwidth) -> Double {
      guard total > 0, !bandwidth.together.isEmpty else { return 0 }
      return min(Double(bytes) * share / total, bandwidth.limit(1))
    }
    workers[worker].mainDemand = demand(main, costs.memory.main)
    workers[worker].sharedDemand = demand(shared, costs.memory.shared)
  }

  /// The NUMA node of what `node` had saved. The forward pass is taken to have run each part of the graph where the same
  /// share of the workers is: in serial order, which keeps branches together.
  func savedHome(of node: Int) -> Int {
    topology.nodes.count == 1
      ? 0 : node * topology.nodes.count / max(1, pass.count)
  }

  /// Tensors of so many bytes for each NUMA node lie in tiles on all of them.
  private static let spreadBytes = 2 << 20

  private func isSpread(_ node: Int) -> Bool {
    pass.nodes.bytesSaved[node] >= topology.nodes.count * Self.spreadBytes
  }

  func memoryHome(of node: Int, for worker: Int) -> Int {
    isSpread(node) ? workers[worker].home : savedHome(of: node)
  }

  /// How much longer what the node saved takes from another NUMA node's memory.
  func remoteTime(_ node: Int, on worker: Int, work: Double) -> Double {
    guard topology.nodes.count > 1, memoryHome(of: node, for: worker) != workers[worker].home,
      let alone = costs.memory.main.together.first
    else { return 0 }
    let share = work / max(1, Double(pass.nodes.time[node]))
    let bytes = Double(pass.nodes.bytesSaved[node]) * share
    // No more of the work than all of it is reading.
    return min(bytes / alone, work) * (costs.memory.remoteFactor - 1)
  }

  /// As `GraphTask.home(of:in:)`: where the largest of what the node reads lies, -1 where it does not matter.
  func home(of node: Int32) -> Int {
    let node = Int(node)
    let (arrived, saved) = (pass.nodes.bytesIn[node], pass.nodes.bytesSaved[node])
    guard !pass.nodes.isLeaf[node],
      PassPolicy.minds(nanoseconds: pass.nodes.cost[node], bytes: max(arrived, saved))
    else { return -1 }
    if saved > arrived { return savedHome(of: node) }
    let maker = makers[node]
    return maker < 0 ? -1 : workers[Int(maker)].home
  }

  /// How much longer the gradient that arrives takes where another core has made it.
  func movedTime(into node: Int32, on worker: Int, share: Double = 1) -> Double {
    let maker = Int(makers[Int(node)])
    guard maker >= 0, maker != worker else { return 0 }
    return transferTime(pass.nodes.bytesIn[Int(node)], from: maker, to: worker) * min(1, share)
  }

  /// Cache lines of objects that a node reads and writes besides elements: the node's own, its saved tensors' and their
  /// buffers', the accumulator's.
  private static let linesOfObjects = 4.0

  /// How much longer what the forward pass left takes: it ran on all workers, and which of them recorded a node has
  /// nothing to do with which runs it now; so by chance, in all cases but one of `width`, another core has it.
  func movedTime(ofSaved node: Int32) -> Double {
    guard isOnTeam else { return 0 }
    let bytes = min(pass.nodes.bytesSaved[Int(node)], costs.memory.sharedCacheBytes)
    let elsewhere = Double(width - 1) / Double(width)
    return elsewhere
      * (Double(bytes) * costs.memory.transfer + Self.linesOfObjects * costs.team.word)
  }

  /// What does not fit the maker's caches is read as fast as by the maker.
  func transferTime(_ bytes: Int, from: Int, to worker: Int) -> Double {
    let factor = workers[from].home == workers[worker].home ? 1 : costs.memory.remoteFactor
    return Double(min(bytes, costs.memory.sharedCacheBytes)) * costs.memory.transfer * factor
  }
}
