import TributaryMemory
import TributaryParallel

extension GraphTask {
  /// The place in `topology.nodes` of the NUMA node that holds the largest tensor which the node at `position` reads:
  /// what has arrived for it, or what it saved; -1 where it matters to nobody or is not known.
  ///
  /// Called when the node is ready: its sums are complete, and it has not begun.
  func home(of position: Int, in topology: Topology) -> Int {
    let record = nodes[position]
    guard record.isNeeded, record.runs,
      PassPolicy.minds(nanoseconds: record.cost, bytes: .max)
    else { return -1 }
    var largest: Tensor?
    func consider(_ tensor: Tensor?) {
      if let tensor, tensor.storedBytes > largest?.storedBytes ?? 0 { largest = tensor }
    }
    for port in portRange(position) { consider(arrived(at: port)) }
    record.node._withUnsafeGuaranteedRef { $0.savedTensors.forEach(consider) }
    guard let largest, PassPolicy.minds(nanoseconds: record.cost, bytes: largest.storedBytes)
    else { return -1 }
    return PageHome.place(of: largest.buffer, in: topology) ?? -1
  }

  /// What has arrived at `port`, left there: of a node that is ready and has not begun.
  func arrived(at port: Int) -> Tensor? { ports[port].single ?? ports[port].fold?.completed }
}

extension Tensor {
  /// The bytes of memory that its elements take: of an expanded tensor those that it repeats.
  var storedBytes: Int {
    var bytes = dtype.itemSize
    for (size, stride) in zip(layout.shape, layout.strides) where stride != 0 {
      // Overlapping elements may be more than an integer counts; they take no more than the buffer.
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      if overflow { return buffer.byteCount }
      bytes = product
    }
    return Swift.min(bytes, buffer.byteCount)
  }
}
