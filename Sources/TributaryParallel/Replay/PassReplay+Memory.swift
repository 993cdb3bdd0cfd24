/// What the nodes read and write, and where that lies.
///
/// What a node had saved was written in the forward pass, and the gradients of leaves are kept: they come from and go
/// to memory where the whole pass is larger than the shared cache, else the shared cache. Gradients under way were
/// written a moment ago: they come from the core's own cache where they fit, else the shared one, and from the cache of
/// the core that made them where that is another.
extension PassReplay {
  /// Of `work` nanoseconds of a node.
  func traffic(of node: Int, on worker: Int, _ work: Double) -> ReplayTraffic {
    let share = work / max(1, Double(pass.nodes.time[node]))
    let isLeaf = pass.nodes.isLeaf[node]
    let kept = pass.nodes.bytesSaved[node] + (isLeaf ? pass.nodes.bytesIn[node] : 0)
    let passing = isLeaf ? 0 : pass.nodes.bytesIn[node] + pass.nodes.bytesOut[node]
    var traffic = traffic(ofPassing: Double(passing) * share, ifPast: passing)
    if graph.footprint > costs.memory.sharedCacheBytes {
      traffic.main += Double(kept) * share
    } else {
      traffic.shared += Double(kept) * share
    }
    traffic.home = memoryHome(of: node, for: worker)
    traffic.remoteTime = remoteTime(node, on: worker, work: work)
    return traffic
  }

  /// Of adding `bytes` to a sum of as many: between two additions the next contribution is made, elsewhere.
  func traffic(ofAdding bytes: Int) -> ReplayTraffic {
    traffic(ofPassing: 3 * Double(bytes), ifPast: 3 * bytes)
  }

  private func traffic(ofPassing bytes: Double, ifPast size: Int) -> ReplayTraffic {
    if size > costs.memory.sharedCacheBytes { return ReplayTraffic(main: bytes) }
    return ReplayTraffic(shared: size > costs.memory.ownCacheBytes ? bytes : 0)
  }

  func setDemands(_ worker: Int, _ traffic: ReplayTraffic, total: Double) {
    // A core draws no more than it reaches alone: what is counted beyond that lay in its own cache.
    func demand(_ bytes: Double, _ bandwidth: ReplayCosts.Bandwidth) -> Double {
      guard total > 0, !bandwidth.together.isEmpty else { return 0 }
      return min(bytes / total, bandwidth.limit(1))
    }
    workers[worker].mainDemand = demand(traffic.main, costs.memory.main)
    workers[worker].sharedDemand = demand(traffic.shared, costs.memory.shared)
    workers[worker].memoryHome = traffic.home
  }

  /// The NUMA node of what `node` had saved. The forward pass is taken to have run each part of the graph where the
  /// same share of the workers is: in serial order, which keeps branches together.
  func savedHome(of node: Int) -> Int {
    topology.nodes.count == 1
      ? 0 : node * topology.nodes.count / max(1, pass.count)
  }

  /// Tensors of so many bytes for each NUMA node lie in tiles on all of them.
  private static let spreadBytes = 2 << 20

  private func isSpread(_ node: Int) -> Bool {
    pass.nodes.bytesSaved[node] >= topology.nodes.count * Self.spreadBytes
  }

  private func memoryHome(of node: Int, for worker: Int) -> Int {
    isSpread(node) ? workers[worker].home : savedHome(of: node)
  }

  /// How much longer what the node saved takes from another NUMA node's memory.
  private func remoteTime(_ node: Int, on worker: Int, work: Double) -> Double {
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
    return transferTime(pass.nodes.bytesIn[Int(node)], from: maker, to: worker) * min(1, share)
  }

  /// Cache lines of objects that a node reads and writes besides elements: the node's own, its saved tensors' and their
  /// buffers', the accumulator's.
  private static let linesOfObjects = 4.0

  /// How much longer what the forward pass left takes: it ran on all workers, and which of them recorded a node has
  /// nothing to do with which runs it now; so by chance, in all cases but one of `width`, another core has it.
  func movedTime(ofSaved node: Int32) -> Double {
    guard isOnTeam else { return 0 }
    let bytes = min(pass.nodes.bytesSaved[Int(node)], costs.memory.ownCacheBytes)
    let elsewhere = Double(width - 1) / Double(width)
    return elsewhere
      * (Double(bytes) * costs.memory.transfer + Self.linesOfObjects * costs.team.word)
  }

  /// How much longer `worker` takes to read what `from` has just written (-1: nobody has). What does not fit the
  /// writer's own cache has left it, and is read as fast by anybody.
  func transferTime(_ bytes: Int, from: Int, to worker: Int) -> Double {
    if from < 0 || from == worker { return 0 }
    let factor = workers[from].home == workers[worker].home ? 1 : costs.memory.remoteFactor
    return Double(min(bytes, costs.memory.ownCacheBytes)) * costs.memory.transfer * factor
  }
}
