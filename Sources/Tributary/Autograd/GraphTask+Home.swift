import TributaryMemory
import TributaryParallel

extension GraphTask {
  /// Nodes of less work, or which read less, are not worth a question to the system: what a cache misses is fetched
  /// from another NUMA node in some hundred nanoseconds a line.
  private static let leastNanoseconds: Float = 20_000
  private static let leastBytes = 64 << 10

  /// The place in `topology.nodes` of the NUMA node that holds the largest tensor which the node at `position` reads:
  /// what has arrived for it, or what it saved; -1 where it matters to nobody or is not known.
  ///
  /// Called when the node is ready: its sums are complete, and it has not begun.
  func home(of position: Int, in topology: Topology) -> Int {
    let record = nodes[position]
    guard record.isNeeded, record.runs, record.cost >= Self.leastNanoseconds else { return -1 }
    var largest: Tensor?
    func consider(_ tensor: Tensor?) {
      if let tensor, tensor.byteCount > largest?.byteCount ?? 0 { largest = tensor }
    }
    for port in portRange(position) {
      consider(ports[port].single)
      consider(ports[port].fold?.completed)
    }
    record.node._withUnsafeGuaranteedRef { $0.savedTensors.forEach(consider) }
    guard let largest, largest.byteCount >= Self.leastBytes else { return -1 }
    return PageHome.place(of: largest.buffer, in: topology) ?? -1
  }
}

extension Tensor {
  /// What is read of memory: of an expanded tensor not its elements, but those that it repeats.
  fileprivate var byteCount: Int { Swift.min(count * dtype.itemSize, buffer.byteCount) }
}
