/// What a walk notes of the nodes that it meets: a word each, 0 at first, by the nodes' numbers.
///
/// The words of a block of numbers lie together, and blocks are found by a hash table: a graph that one thread has
/// recorded takes few. Rejected: a word in the node itself, claimed by the pass. Other threads have the nodes in their
/// caches, and were made to fetch again what the walk had written; and of two passes over one graph the second needed
/// something like this in any case.
package struct NodeMarks: ~Copyable {
  /// Where a node's word lies.
  package typealias Place = Int

  private struct Block {
    /// 0: none. No node has a number of block 0.
    var block: UInt64 = 0
    /// The place of its first word.
    var first: Place = 0
  }

  private static var blockSize: Int { Int(NodeNumber.blockSize) }

  /// The blocks of a small graph, in the order of their words; 0: none.
  private var few = SIMD4<UInt64>()
  /// Their words: a small graph takes no memory from elsewhere.
  private var fewWords = InlineArray<4, SIMD16<Int32>>(repeating: SIMD16())
  private static var fewCount: Int { 4 * blockSize }
  private var count = 0
  /// Those of further blocks.
  private var words = PassArray<Int32>()
  /// Those of a larger one, by open addressing, at most half full.
  private var table = PassArray<Block>()

  @inline(__always)
  package init() {}

  /// The place of the word of the node with `number`, which is made if need be.
  @inline(__always)
  package mutating func place(of number: UInt64) throws(TensorError) -> Place {
    let (block, offset) = Self.parts(number)
    let first = first(of: block)
    return offset + (first >= 0 ? first : try add(block))
  }

  /// The place of the word of the node with `number`; nil where the walk has not asked for it.
  @inline(__always)
  package func existingPlace(of number: UInt64) -> Place? {
    let (block, offset) = Self.parts(number)
    let first = first(of: block)
    return first >= 0 ? first + offset : nil
  }

  /// The word at `place`.
  package subscript(place: Place) -> Int32 {
    // SAFETY: places come from the functions above, and words do not become fewer. By address: a member of an array
    // that is itself a member is read by copying the array.
    @inline(__always) mutating get {
      if place >= Self.fewCount { return words.base[place - Self.fewCount] }
      return withUnsafeMutableBytes(of: &fewWords) {
        $0.load(fromByteOffset: place * 4, as: Int32.self)
      }
    }
    @inline(__always) set {
      if place >= Self.fewCount {
        words.base[place - Self.fewCount] = newValue
      } else {
        withUnsafeMutableBytes(of: &fewWords) {
          $0.storeBytes(of: newValue, toByteOffset: place * 4, as: Int32.self)
        }
      }
    }
  }

  @inline(__always)
  private static func parts(_ number: UInt64) -> (block: UInt64, offset: Int) {
    (number / NodeNumber.blockSize, Int(number % NodeNumber.blockSize))
  }

  /// -1 for none.
  @inline(__always)
  private func first(of block: UInt64) -> Place {
    if table.count == 0 {
      if few.x == block { return 0 }
      if few.y == block { return Self.blockSize }
      if few.z == block { return 2 * Self.blockSize }
      return few.w == block ? 3 * Self.blockSize : -1
    }
    // SAFETY, here and below: a slot is below the table's count, a power of two.
    let found = table.base[slot(of: block)]
    return found.block == block ? found.first : -1
  }

  /// Of `block` in the table, or where it would go.
  @inline(__always)
  private func slot(of block: UInt64) -> Int {
    let mask = table.count - 1
    // Fibonacci hashing (Knuth, volume 3, section 6.4): neighbouring blocks go to places far apart.
    var slot = Int(truncatingIfNeeded: (block &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while table.base[slot].block != 0, table.base[slot].block != block { slot = (slot + 1) & mask }
    return slot
  }

  @inline(never)
  private mutating func add(_ block: UInt64) throws(TensorError) -> Place {
    if table.count == 0, count == few.scalarCount { try moveToTable(of: 64) }
    if 2 * (count + 1) > table.count, table.count > 0 { try moveToTable(of: 4 * table.count) }
    let first = count * Self.blockSize
    if first >= Self.fewCount { try words.append(repeating: 0, count: Self.blockSize) }
    if table.count == 0 { few[count] = block } else { insert(Block(block: block, first: first)) }
    count += 1
    return first
  }

  private mutating func moveToTable(of size: Int) throws(TensorError) {
    var old = try PassArray<Block>(count: size)
    old.base.initialize(repeating: Block(), count: size)
    swap(&old, &table)
    for index in 0..<old.count where old.base[index].block != 0 { insert(old.base[index]) }
    if old.count > 0 { return }
    for index in 0..<count { insert(Block(block: few[index], first: index * Self.blockSize)) }
  }

  private func insert(_ block: Block) { table.base[slot(of: block.block)] = block }
}
