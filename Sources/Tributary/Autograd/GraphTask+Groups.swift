extension GraphTask {
  /// For each node the run of contributions (``GradientFold``) that it leads to, -1 where it leads to none; nil where no
  /// port has more contributions than one run. The caller frees it.
  ///
  /// A run is summed in the order of its slots, each contribution as soon as those before it are in. Made by one worker
  /// in that order, they are folded in its cache; by two in turn, the sum travels with each of them.
  func foldGroups() -> UnsafeMutablePointer<Int32>? {
    guard hasWidePorts else { return nil }
    let groups = UnsafeMutablePointer<Int32>.allocate(capacity: count)
    for position in stride(from: count - 1, through: 0, by: -1) {
      var group: Int32 = -1
      for index in edgeRange(position) where edges[index].node >= 0 && group < 0 {
        let edge = edges[index]
        if ports[Int(edge.port)].slotCount > GradientFold.runLength {
          // Any number will do that other runs seldom have.
          let run = UInt32(bitPattern: edge.slot) / UInt32(GradientFold.runLength)
          group = Int32((UInt32(bitPattern: edge.port) &* 0x9e37_79b1 &+ run) >> 1)
        } else {
          group = groups[Int(edge.node)]
        }
      }
      (groups + position).initialize(to: group)
    }
    return groups
  }
}
