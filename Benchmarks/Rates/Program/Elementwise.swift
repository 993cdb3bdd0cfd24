import CCopies
import CTributaryKernels
import Tributary
import TributaryParallel

/// Operators whose time is the memory's, or should be.
struct Elementwise {
  let rounds: Int
  private let x: Tensor
  private let y: Tensor
  private let out: Tensor

  private static let functions: [(name: String, op: tri_unary_op)] = [
    ("exp", TRI_UNARY_EXP), ("log", TRI_UNARY_LOG), ("erf", TRI_UNARY_ERF),
    ("tanh", TRI_UNARY_TANH),
  ]

  init(elements: Int, rounds: Int) throws {
    self.rounds = rounds
    // Positive, so that log has no special case to take; over the range where erf and tanh do their work.
    x = try Tensor.rand([elements]) * 3 + 0.01
    y = try Tensor.rand([elements])
    out = try Tensor.zeros([elements])
  }

  private var bytes: Int { x.count * 4 }

  /// A part for each thread, which is what the C library's own threshold for non-temporal stores sees.
  private func copy(
    tile: Int, _ body: @escaping (UnsafeMutableRawPointer, UnsafeRawPointer, Int64) -> Void
  ) {
    let (to, from) = (out.pointer, UnsafeRawPointer(x.pointer))
    let tile = (tile + 63) / 64 * 64
    let end = bytes
    parallelFor(tiles: (end + tile - 1) / tile, nanosecondsPerTile: Double(tile) * 0.1) { range in
      for index in range {
        let begin = index * tile
        // SAFETY: begin ..< begin + the length lies within the bytes of both dense tensors.
        body(to + begin, from + begin, Int64(min(tile, end - begin)))
      }
    }
  }

  private var copies: [(name: String, body: () throws -> Void)] {
    let part = bytes / max(1, WorkerTeam.current.width)
    let whole = bytes % 64 == 0
    return [
      ("memcpy", { copy(tile: part) { rates_copy($0, $1, $2) } }),
      ("memcpy tiles", { copy(tile: 1 << 16) { rates_copy($0, $1, $2) } }),
      (
        "streaming",
        {
          copy(tile: 1 << 16) { whole ? rates_copy_streaming($0, $1, $2) : rates_copy($0, $1, $2) }
        }
      ),
    ]
  }

  private func existing(_ op: tri_unary_op) -> () throws -> Void {
    {
      if let map = tri_unary(kernels, op, TRI_F32) {
        ElementwiseMap.run(map, x, into: out, cost: .function)
      }
    }
  }

  private var new: [(name: String, body: () throws -> Void)] {
    [
      ("exp", { _ = try x.exp() }), ("log", { _ = try x.log() }), ("erf", { _ = try x.erf() }),
      ("tanh", { _ = try x.tanh() }), ("add", { _ = try x + y }), ("copy", { _ = try x.clone() }),
      ("sum", { _ = try x.sum() }),
    ]
  }

  func reportNew() throws {
    let turns = try Turns(rounds: rounds, new)
    for (name, _) in new { print(padded(name, 8), column(turns.median(name), 10, digits: 3), "ms") }
  }

  func report() throws {
    var cases = copies
    for (name, op) in Self.functions { cases.append((name + " existing", existing(op))) }
    let add = tri_binary(kernels, TRI_BINARY_ADD, TRI_F32)
    cases.append(("add existing", { if let add { ElementwiseMap.run(add, x, y, into: out) } }))
    cases.append(("copy existing", { _ = try out.copy_(x) }))
    cases += new.map { ($0.name + " new", $0.body) }
    let turns = try Turns(rounds: rounds, cases)

    let fastest = copies.map { turns.median($0.name) }.min() ?? .nan
    let rate = Double(2 * bytes) / fastest * 1e-6
    print(
      "\(x.count) float32, \(WorkerTeam.current.width) threads, path \(String(cString: tri_path_name(kernels.pointee.path)))"
    )
    for (name, _) in copies {
      print(
        padded(name, 16), column(turns.median(name), 9, digits: 2), "ms",
        column(Double(2 * bytes) / turns.median(name) * 1e-6, 7, digits: 1), "GB/s")
    }
    print(padded("", 16), "existing    copies   GB/s  of copy      new    copies")
    for (name, _) in new {
      let moved = Double(bytes * (name == "add" ? 3 : name == "sum" ? 1 : 2))
      // A sum makes no tensor to speak of.
      let existing = turns.median(name == "sum" ? "sum new" : name + " existing")
      let made = turns.median(name + " new")
      print(
        padded(name, 16), column(existing, 8, digits: 2), column(existing / fastest, 9, digits: 3),
        column(moved / existing * 1e-6, 6, digits: 1),
        column(moved / existing * 1e-6 / rate, 8, digits: 3),
        column(made, 8, digits: 2), column(made / fastest, 9, digits: 3))
    }
  }
}
