import Testing
import TributaryMemory
import TributaryParallel

@Suite struct TileMapTests {
  private static let tile = TileMap.tileSize

  private func topology(_ ids: [Int], memoryOnly: [Int] = []) -> Topology {
    Topology(
      nodes: ids.enumerated().map { Topology.Node(id: $1, cores: [2 * $0, 2 * $0 + 1]) },
      memoryOnlyNodes: memoryOnly)
  }

  @Test func tilesAreSpreadInOrder() {
    let map = TileMap(byteCount: 8 * Self.tile, topology: topology([0, 1]))
    #expect((0..<8).map(map.node) == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(map.tiles(ofNodeAt: 0) == 0..<4)
    #expect(map.tiles(ofNodeAt: 1) == 4..<8)
  }

  @Test func nodeNumbersMayHaveGaps() {
    let map = TileMap(byteCount: 5 * Self.tile - 1, topology: topology([1, 4, 9]))
    #expect(map.tileCount == 5)
    #expect((0..<5).map(map.node) == [1, 1, 4, 4, 9])
  }

  @Test func nodesWithoutCoresHoldNoTiles() {
    let map = TileMap(byteCount: 4 * Self.tile, topology: topology([0, 2], memoryOnly: [1, 3]))
    #expect(Set((0..<4).map(map.node)) == [0, 2])
    let without = Topology(nodes: [.init(id: 0, cores: [0]), .init(id: 1, cores: [])])
    #expect(TileMap(byteCount: 4 * Self.tile, topology: without).nodes == [0])
  }

  @Test func fewTilesLeaveNodesEmpty() {
    let map = TileMap(byteCount: 2 * Self.tile, topology: topology([0, 1, 2, 3]))
    #expect((0..<2).map(map.node) == [0, 2])
    #expect((0..<4).map { map.tiles(ofNodeAt: $0).count } == [1, 0, 1, 0])
  }

  @Test func smallAndEmptyBuffersAreOneTile() {
    for byteCount in [0, 1, Self.tile] {
      let map = TileMap(byteCount: byteCount, topology: topology([3, 5]))
      #expect(map.tileCount == 1)
      #expect(map.node(ofTile: 0) == 3)
    }
  }

  @Test func theTwoDirectionsAgree() {
    for nodes in 1...7 {
      for tiles in 1...40 {
        let topology = topology((0..<nodes).map { 3 * $0 })
        let map = TileMap(byteCount: tiles * Self.tile, topology: topology)
        var seen: [Int] = []
        for place in 0..<nodes {
          for tile in map.tiles(ofNodeAt: place) {
            #expect(map.node(ofTile: tile) == topology.nodes[place].id)
            seen.append(tile)
          }
        }
        #expect(seen == Array(0..<tiles))
      }
    }
  }

  @Test func choosingAPlacement() {
    let two = topology([0, 6])
    let large = 4 * Self.tile
    func choose(_ placement: Placement, _ byteCount: Int, _ topology: Topology, core: Int = 3)
      -> TilePlacement
    { TilePlacement(placement, byteCount: byteCount, topology: topology) { core } }

    #expect(choose(.automatic, large, two) == .spread)
    #expect(choose(.automatic, Self.tile, two) == .node(6))
    #expect(choose(.local, large, two) == .node(6))
    #expect(choose(.local, large, two, core: 0) == .node(0))
    #expect(choose(.local, large, two, core: 99) == .anywhere)
    #expect(choose(.interleaved, large, two) == .interleaved)
    #expect(choose(.spread, 4096, two) == .anywhere)
    for placement in [Placement.automatic, .local, .spread, .interleaved] {
      #expect(choose(placement, large, Topology(cores: 8)) == .anywhere)
    }
  }
}
