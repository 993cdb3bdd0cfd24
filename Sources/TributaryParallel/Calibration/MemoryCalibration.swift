import CTributaryShims

/// What the memory of a NUMA node and the caches give, and what busy cores do to each other.
struct MemoryCalibration {
  private let cores: [Int]
  /// Of another NUMA node; nil where there is none.
  private let farCore: Int?
  private let ownCache: Int
  private let sharedCache: Int

  private let compute: @Sendable () -> Void

  init(topology: Topology, compute: @escaping @Sendable () -> Void) {
    self.compute = compute
    cores = Array((topology.largestNode?.cores ?? [0]).prefix(64))
    farCore = topology.coreBesideLargestNode
    let caches = Self.caches()
    (ownCache, sharedCache) = (caches.own, caches.shared)
  }

  /// By the kernel's files: the largest cache that one core has alone, and the largest that it shares. A machine
  /// without one that is shared is taken to have what its core has.
  private static func caches() -> (own: Int, shared: Int) {
    var (own, shared) = (0, 0)
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard let size = SystemFile.read(folder + "size").flatMap(parse(size:)),
        let kind = SystemFile.read(folder + "type"), !kind.hasPrefix("Instruction"),
        let level = SystemFile.read(folder + "level").flatMap({ Int($0.trimmedWords) })
      else { continue }
      if level <= 2 { own = max(own, size) } else { shared = max(shared, size) }
    }
    return (own == 0 ? 256 << 10 : own, max(shared, own, 1 << 20))
  }

  /// "512K" and "32M" in bytes.
  static func parse(size text: String) -> Int? {
    let text = text.trimmedWords
    guard let unit = text.last else { return nil }
    let shift = unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : 0
    guard let number = Int(shift == 0 ? text : String(text.dropLast())),
      (1...1 << 30).contains(number)
    else { return nil }
    return number << shift
  }

  func run() -> (memory: ReplayCosts.Memory, busy: [Double]) {
    var memory = ReplayCosts.Memory()
    (memory.ownCacheBytes, memory.sharedCacheBytes) = (ownCache, sharedCache)
    memory.remoteFactor = remoteFactor() ?? ReplayCosts.Memory.assumedRemoteFactor
    var busy = [1.0]
    for count in 1...cores.count {
      let crowd = Crowd(count, cores: cores)
      defer { crowd.disperse() }
      guard crowd.count == count else { break }
      memory.main.together.append(
        bandwidth(crowd, bytes: max(8 << 20, 4 * sharedCache / count), rounds: 1))
      let inCache = min(max(2 * ownCache, 64 << 10), max(ownCache, sharedCache / (2 * count)))
      memory.shared.together.append(bandwidth(crowd, bytes: inCache, rounds: 16))
      if count > 1 { busy.append(slowDown(crowd)) }
      if count == 2 { memory.transfer = transfer(crowd) }
    }
    return (memory, busy)
  }

  /// What all members reach together, each reading `bytes` of its own so many times.
  private func bandwidth(_ crowd: Crowd, bytes: Int, rounds: Int) -> Double {
    let blocks = (0..<crowd.count).map { _ in Block(bytes) }
    crowd.together { blocks[$0].write() }
    crowd.together { blocks[$0].read() }
    let time = Sample.typical(25) {
      Sample.time { crowd.together { member in for _ in 0..<rounds { blocks[member].read() } } }
    }
    return Double(bytes * rounds * crowd.count) / max(time, 1)
  }

  /// How much longer a core reads what lies on another NUMA node than what lies on its own.
  private func remoteFactor() -> Double? {
    guard let farCore else { return nil }
    let crowd = Crowd(2, cores: [cores[0], farCore])
    defer { crowd.disperse() }
    guard crowd.count == 2 else { return nil }
    let bytes = max(32 << 20, 2 * sharedCache)
    // Written first where they are to lie.
    let blocks = Locked<[Int: Block]>([:])
    crowd.together { member in
      let block = Block(bytes)
      blocks.withLock { $0[member] = block }
    }
    guard let near = blocks.withLock({ $0[0] }), let far = blocks.withLock({ $0[1] }) else {
      return nil
    }
    var (own, other): ([Double], [Double]) = ([], [])
    for _ in 0..<15 {
      own.append(Sample.time { near.read() })
      other.append(Sample.time { far.read() })
    }
    return max(1, Sample.typical(other) / max(Sample.typical(own), 1))
  }

  /// How much longer computing takes where all members do it, than where one does; in turn.
  private func slowDown(_ crowd: Crowd) -> Double {
    let compute = compute
    var (alone, beside): ([Double], [Double]) = ([], [])
    for _ in 0..<200 {
      alone.append(Sample.time { compute() })
      let times = (0..<crowd.count).map { _ in Block(64) }
      crowd.together { member in times[member].took = Sample.time { compute() } }
      beside.append(contentsOf: times.map(\.took))
    }
    let ratio = Sample.typical(beside) / max(Sample.typical(alone), 1)
    // Less than what repeating it changes is nothing.
    return ratio < 1.03 ? 1 : ratio
  }

  /// What one member has just written, read by the other, against what it has written itself; a byte.
  private func transfer(_ crowd: Crowd) -> Double {
    let bytes = max(16 << 10, ownCache / 2)
    let (theirs, own) = (Block(bytes), Block(bytes))
    var (moved, local): ([Double], [Double]) = ([], [])
    for _ in 0..<400 {
      crowd.together { member in if member == 1 { theirs.write() } }
      moved.append(Sample.time { theirs.read() })
      own.write()
      local.append(Sample.time { own.read() })
    }
    return max(0, (Sample.typical(moved) - Sample.typical(local)) / Double(bytes))
  }
}

/// A piece of memory that threads read and write.
///
/// Unchecked: who uses it when is the crowd's affair, whose members work on blocks of their own or one after another.
private final class Block: @unchecked Sendable {
  private let words: UnsafeMutableBufferPointer<SIMD8<UInt64>>
  var took = 0.0

  init(_ bytes: Int) {
    words = .allocate(capacity: max(4, bytes / 64))
    words.initialize(repeating: SIMD8(repeating: 1))
  }

  deinit { words.deallocate() }

  @inline(never)
  func write() { for index in words.indices { words[index] = SIMD8(repeating: UInt64(index)) } }

  @inline(never)
  func read() {
    var (a, b) = (SIMD8<UInt64>(repeating: 0), SIMD8<UInt64>(repeating: 0))
    var index = 0
    while index + 1 < words.count {
      a ^= words[index]
      b ^= words[index + 1]
      index += 2
    }
    Arithmetic.keep((a ^ b)[0])
  }
}
