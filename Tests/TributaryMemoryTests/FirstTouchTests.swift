import Glibc
import Testing
import TributaryMemory
import TributaryParallel

/// What happens where a policy is refused: here because the node does not exist. (Real nodes, and a refusal by
/// EPERM: `make numa-test`.)
@Suite struct FirstTouchTests {
  private static let tile = TileMap.tileSize
  /// No machine has so many nodes that this one exists.
  private static let missing = 1000

  private func residency(_ base: UnsafeMutableRawPointer, tile: Int) -> (there: Int, of: Int)? {
    guard let map = PageMap.read(base + tile * Self.tile, byteCount: Self.tile),
      !map.nodeOfPage.isEmpty
    else { return nil }
    return (map.nodeOfPage.count { $0 != nil }, map.nodeOfPage.count)
  }

  /// Places four fresh tiles; gives the pages that are there afterwards, tile by tile.
  private func place(_ placement: TilePlacement, _ nodes: [Topology.Node]) throws -> [Bool]? {
    let size = 5 * Self.tile
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    let start = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0))
    try #require(start != MAP_FAILED)
    defer { munmap(start, size) }
    let padding = (Self.tile - Int(bitPattern: start) % Self.tile) % Self.tile
    let base = start + padding
    let mask = AffinityMask.ofThread()
    placement.place(base, tiles: 4, topology: Topology(nodes: nodes))
    #expect(AffinityMask.ofThread() == mask)
    var there: [Bool] = []
    for tile in 0..<4 {
      guard let found = residency(base, tile: tile) else { return nil }  // `move_pages` is blocked
      #expect(found.there == 0 || found.there == found.of)
      there.append(found.there > 0)
    }
    return there
  }

  @Test func aNodeThatIsRefusedIsTouchedFromItsCores() throws {
    guard let cores = AffinityMask.ofThread()?.cores, let core = cores.last else { return }
    let found = try place(
      .spread,
      [.init(id: Self.missing, cores: [core]), .init(id: Self.missing + 1, cores: [core])])
    if let found { #expect(found == [true, true, true, true]) }
  }

  @Test func aNodeWithoutMemoryIsLeftToTheSystem() throws {
    guard let cores = AffinityMask.ofThread()?.cores, let core = cores.last else { return }
    let found = try place(
      .spread,
      [
        .init(id: Self.missing, cores: [core]),
        .init(id: Self.missing + 1, cores: [core], hasMemory: false),
      ])
    if let found { #expect(found == [true, true, false, false]) }
  }

  /// All tiles are shared out among the nodes that have memory, none is skipped.
  @Test func interleavingGoesRoundTheNodesWithMemory() throws {
    guard let cores = AffinityMask.ofThread()?.cores, let core = cores.last else { return }
    // The node without memory has a core that does not exist: were it given tiles, they would not be touched.
    let found = try place(
      .interleaved,
      [
        .init(id: Self.missing, cores: [core]),
        .init(id: Self.missing + 1, cores: [1 << 20], hasMemory: false),
        .init(id: Self.missing + 2, cores: [core]),
      ])
    if let found { #expect(found == [true, true, true, true]) }
  }

  @Test func coresThatCannotBeHadLeaveThePagesUntouched() throws {
    let found = try place(
      .spread,
      [.init(id: Self.missing, cores: [1 << 20]), .init(id: Self.missing + 1, cores: [1 << 20])])
    if let found { #expect(found == [false, false, false, false]) }
  }
}
