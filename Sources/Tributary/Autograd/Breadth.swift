import TributaryMemory
import TributaryParallel

/// Keeps a pass from holding too many gradients at once.
///
/// The scheduler runs the longest remaining path first, which may rush along one path and leave large gradients
/// waiting beside it. Once live memory has grown by a bound since the pass began, nodes that take in more bytes than
/// they give out go first. What the leaves keep until the end does not count. Live memory is the process's, one load
/// for each node: what others allocate meanwhile counts too, and memory is short for all of them alike. Only the
/// schedule changes, never a slot: results have the same bits with any bound.
struct Breadth {
  private let frees: UnsafeMutablePointer<Bool>
  private let count: Int
  private let mark: Int

  /// Nil where the pass could not come near the bound.
  init?(_ task: GraphTask) {
    let bound = task.options.breadthLimit ?? Self.defaultBound
    // A node that gives out bytes is estimated at no less than a nanosecond for each 64 of them; so a short pass is
    // told apart without looking at its shapes.
    guard Double(task.nanoseconds) * 64 > Double(bound) else { return nil }
    count = task.count
    frees = .allocate(capacity: count)
    var leafBytes = 0.0
    for position in 0..<count {
      let record = task.nodes[position]
      var balance = Self.bytes(into: record)
      if record.leaf >= 0 { leafBytes += balance }
      for edge in task.edgeRange(position) where task.edges[edge].node >= 0 {
        let receiver = task.nodes[Int(task.edges[edge].node)]
        balance -= Self.bytes(
          into: receiver, output: Int(task.edges[edge].port - receiver.firstPort))
      }
      (frees + position).initialize(to: balance >= 0)
    }
    let sum = Double(BufferPool.approximateLiveBytes) + Double(bound) + leafBytes
    mark = Int(min(sum, 1e18))
  }

  func deallocate() { frees.deallocate() }

  var thrift: Thrift {
    let mark = mark
    return Thrift(frees: UnsafePointer(frees)) { BufferPool.approximateLiveBytes > mark }
  }

  private static func bytes(into record: GraphTask.NodeRecord, output: Int? = nil) -> Double {
    record.node._withUnsafeGuaranteedRef { node in
      let outputs = output.map { $0..<$0 + 1 } ?? 0..<node.outputCount
      // In floating point: an expanded shape may have more elements than an integer counts bytes.
      return outputs.reduce(0.0) { sum, output in
        sum
          + node.outputShape(at: output).reduce(Double(node.outputDType.itemSize)) {
            $0 * Double($1)
          }
      }
    }
  }

  /// An eighth of the machine's memory, or half of what a limit on live memory leaves.
  private static var defaultBound: Int {
    let eighth = BufferPool.machineBytes / 8
    guard let limit = BufferPool.limit else { return eighth }
    return min(eighth, max(0, limit - BufferPool.approximateLiveBytes) / 2)
  }
}
