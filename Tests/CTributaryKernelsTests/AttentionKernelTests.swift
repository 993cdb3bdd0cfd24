import CTributaryKernels
import Testing

@Suite struct AttentionKernelTests {
  /// Arrays of elements in one piece of memory, by name.
  private struct Memory<T: ReduceElement> {
    let base: UnsafeMutablePointer<T>
    private var used = 0
    private let count: Int

    init(_ count: Int) {
      base = .allocate(capacity: count)
      base.initialize(repeating: T.zero, count: count)
      self.count = count
    }

    mutating func take(_ elements: Int, seed: UInt64? = nil) -> UnsafeMutablePointer<T> {
      precondition(used + elements <= count)
      let part = base + used
      used += elements
      if let seed {
        part.update(from: reduceSamples(elements, seed: seed, of: T.self), count: elements)
      }
      return part
    }
  }

  private func results<T: ReduceElement>(
    _ path: ReducePath, _ type: T.Type, queries: Int, keys: Int, isCausal: Bool, isMasked: Bool
  ) -> [UInt64] {
    let (width, values) = (21, 18)
    let tile = Int(tri_attention_queries() * tri_attention_keys())
    var memory = Memory<T>(
      3 * (queries + keys) * (width + values) + queries * (keys + 2) + 2 * tile)
    defer { memory.base.deallocate() }
    let (q, k, v) = (
      memory.take(queries * width, seed: 1), memory.take(keys * width, seed: 2),
      memory.take(keys * values, seed: 3)
    )
    let g = memory.take(queries * values, seed: 4)
    let (turnedK, turnedV) = (memory.take(keys * width), memory.take(keys * values))
    for j in 0..<keys {
      for e in 0..<width { turnedK[e * keys + j] = k[j * width + e] }
      for e in 0..<values { turnedV[e * keys + j] = v[j * values + e] }
    }
    let mask = memory.take(queries * keys, seed: 5)
    let (out, lse, delta) = (
      memory.take(queries * values), memory.take(queries), memory.take(queries)
    )
    let (dq, dk, dv) = (
      memory.take(queries * width), memory.take(keys * width), memory.take(keys * values)
    )
    var problem = tri_attention(
      queries: Int64(queries), keys: Int64(keys), width: Int64(width), value_width: Int64(values),
      q: q, k: k, v: v, q_row: Int64(width), k_row: Int64(width), v_row: Int64(values),
      k_turned: turnedK, v_turned: turnedV, mask: isMasked ? mask : nil, mask_row: Int64(keys),
      scale: 0.3, causal: isCausal ? 1 : 0, out: out, out_row: Int64(values), lse: lse, g: g,
      g_row: Int64(values), delta: delta, dq: dq, dk: dk, dv: dv, workspace: memory.take(2 * tile))
    let blocks = (Int64(queries) + tri_attention_queries() - 1) / tri_attention_queries()
    let keyBlocks = (Int64(keys) + tri_attention_keys() - 1) / tri_attention_keys()
    tri_attention_forward(path.kernels, T.dtype, &problem, 0, blocks)
    tri_attention_delta(path.kernels, T.dtype, &problem, 0, blocks)
    tri_attention_backward(path.kernels, T.dtype, &problem, 0, blocks, 0, keyBlocks)
    func bits(_ p: UnsafeMutablePointer<T>, _ count: Int) -> [UInt64] {
      UnsafeBufferPointer(start: p, count: count).map(\.bits)
    }
    return bits(out, queries * values) + bits(lse, queries) + bits(dq, queries * width)
      + bits(dk, keys * width) + bits(dv, keys * values)
  }

  private func pathsAgree<T: ReduceElement>(_ type: T.Type) {
    for (queries, keys) in [(1, 1), (33, 31), (32, 256), (70, 530), (300, 257)] {
      for (isCausal, isMasked) in [(false, false), (true, false), (false, true)] {
        func found(_ path: ReducePath) -> [UInt64] {
          results(
            path, type, queries: queries, keys: keys, isCausal: isCausal, isMasked: isMasked)
        }
        let expected = found(.portable)
        #expect(!expected.contains(.max), "not a number")
        for path in ReducePath.all {
          #expect(found(path) == expected, "\(path) \(queries) × \(keys)")
        }
      }
    }
  }

  @Test func everyPathGivesThePortableBits() {
    pathsAgree(Float.self)
    pathsAgree(Double.self)
  }
}
