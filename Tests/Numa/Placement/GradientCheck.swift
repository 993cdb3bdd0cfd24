import Tributary

/// What the engine makes is placed as what the program makes: a leaf's gradient lies where the leaf lies.
enum GradientCheck {
  static func run(_: String) throws -> String {
    let expected = Expected()
    let x = try Tensor.full([4 << 20], 0.5, requiresGrad: true)
    try (x * x).sum().backward()
    guard let gradient = x.grad else { throw Failure("no gradient") }
    let (leaf, pageSize) = try x.buffer.nodesOfPages()
    let (found, _) = try gradient.buffer.nodesOfPages()
    let tiles = gradient.buffer.byteCount / expected.tileSize
    for page in found.indices where expected.manyNodes {
      let due = expected.node(ofTile: page * pageSize / expected.tileSize, of: tiles)
      guard let due else { continue }
      try require(
        leaf[page] == due && found[page] == due,
        "page \(page), due on node \(due): leaf on \(leaf[page]), gradient on \(found[page])")
    }
    try require(try gradient.sum().item() == Double(4 << 20), "the gradient is wrong")
    return "leaf and gradient, \(tally(found, "pages")) each"
  }
}
