import CTributaryShims

/// A set of cores as the kernel writes it: bit c of word c / 64.
package struct AffinityMask: Sendable, Equatable {
  package let words: [UInt64]

  package init(words: [UInt64]) { self.words = words }

  package init(cores: [Int]) {
    var words = [UInt64](repeating: 0, count: (cores.max() ?? 0) / 64 + 1)
    for core in cores where core >= 0 { words[core / 64] |= 1 << UInt64(core % 64) }
    self.words = words
  }

  /// Core numbers, ascending.
  package var cores: [Int] {
    words.indices.flatMap { word in
      (0..<64).filter { words[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
    }
  }

  /// The mask of the calling thread; nil if the system does not tell.
  package static func ofThread() -> AffinityMask? { read(tri_affinity_get) }

  /// The mask that the process was started with; nil if the system does not tell.
  package static let ofProcess = read(tri_affinity_at_load)

  private static func read(_ get: (UnsafeMutablePointer<UInt64>, Int32) -> Int32) -> AffinityMask? {
    var words = [UInt64](repeating: 0, count: 128)
    let used = words.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { get($0, Int32(buffer.count)) } ?? 0
    }
    return used > 0 ? AffinityMask(words: Array(words.prefix(Int(used)))) : nil
  }

  /// Makes it the mask of the calling thread; false if the system refuses.
  package func apply() -> Bool {
    words.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { tri_affinity_set($0, Int32(buffer.count)) } ?? false
    }
  }

  /// Makes it the mask of all threads of the process but the calling one.
  func applyToOthers() {
    words.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { tri_affinity_set_others(base, Int32(buffer.count)) }
    }
  }
}
