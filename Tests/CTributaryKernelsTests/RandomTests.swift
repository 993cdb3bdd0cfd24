import CTributaryKernels
import Foundation
import Testing

@Suite("Philox draws")
struct RandomTests {
  /// The known answers that Random123 publishes for philox4x32, ten rounds.
  @Test(
    arguments: [
      (
        [0, 0, 0, 0], [0, 0],
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      ),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt32], [UInt32], [UInt32])])
  func knownAnswers(counter: [UInt32], key: [UInt32], expected: [UInt32]) {
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      var words = [UInt32](repeating: 0, count: 4)
      path.pointee.random.philox(&words, counter, key)
      #expect(words == expected)
    }
  }

  typealias Draw =
    @Sendable (UnsafePointer<tri_kernels>, UnsafeMutableRawPointer, Int64, Int64) -> Void

  struct Distribution: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let size: Int
    let draw: Draw
  }

  static let distributions: [Distribution] = [
    Distribution(testDescription: "uniform float32", size: 4) {
      $0.pointee.random.uniform_f32($1, $2, $3, 42, 7, 0, 1)
    },
    Distribution(testDescription: "uniform float64", size: 8) {
      $0.pointee.random.uniform_f64($1, $2, $3, 42, 7, -3, 5)
    },
    Distribution(testDescription: "normal float32", size: 4) {
      $0.pointee.random.normal_f32($1, $2, $3, 42, 7, 0, 1)
    },
    Distribution(testDescription: "normal float64", size: 8) {
      $0.pointee.random.normal_f64($1, $2, $3, 42, 7, 1, 2)
    },
    Distribution(testDescription: "bernoulli float32", size: 4) {
      $0.pointee.random.bernoulli($1, TRI_F32, $2, $3, 42, 7, 0.3, 2)
    },
    Distribution(testDescription: "bernoulli bool", size: 1) {
      $0.pointee.random.bernoulli($1, TRI_BOOL, $2, $3, 42, 7, 0.3, 1)
    },
    Distribution(testDescription: "integers int64", size: 8) {
      $0.pointee.random.integers($1, TRI_I64, $2, $3, 42, 7, -5, 100)
    },
    Distribution(testDescription: "integers uint8", size: 1) {
      $0.pointee.random.integers($1, TRI_U8, $2, $3, 42, 7, 0, 256)
    },
  ]

  @Test(arguments: distributions)
  func sameOnEveryPathAndInAnySplit(_ distribution: Distribution) {
    let count = 500
    func run(_ path: UnsafePointer<tri_kernels>, _ cuts: [Int]) -> [UInt8] {
      let out = OperandBuffer(byteCount: count * distribution.size)
      for (begin, end) in zip([0] + cuts, cuts + [count]) {
        distribution.draw(
          path, out.pointer + begin * distribution.size, Int64(begin), Int64(end - begin))
      }
      #expect(out.guardIsIntact)
      return out.values(UInt8.self)
    }
    let whole = run(Elementwise.portable, [])
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      #expect(run(path, []) == whole)
      #expect(run(path, [1, 2, 5, 32, 33, 70, 256, 499]) == whole)
      #expect(run(path, Array(1..<count)) == whole)
    }
  }

  @Test("draws and seeds are apart; substreams too")
  func independence() {
    func draw(_ seed: UInt64, _ offset: UInt64) -> [Float] {
      let out = OperandBuffer(byteCount: 400)
      tri_kernels_default().pointee.random.uniform_f32(out.pointer, 0, 100, seed, offset, 0, 1)
      return out.values()
    }
    #expect(draw(1, 0) == draw(1, 0))
    #expect(draw(1, 0) != draw(1, 1))
    #expect(draw(1, 0) != draw(2, 0))
    var seeds: Set<UInt64> = []
    for seed in 0..<4 as Range<UInt64> {
      for offset in 0..<8 as Range<UInt64> {
        for index in 0..<8 as Range<UInt64> {
          seeds.insert(tri_random_substream(seed, offset, index))
        }
      }
    }
    #expect(seeds.count == 256)
  }

  @Test("moments and bounds")
  func moments() {
    let count = 200_000
    func sample(_ draw: (UnsafeMutableRawPointer, Int64) -> Void) -> [Double] {
      let out = OperandBuffer(byteCount: count * 8)
      draw(out.pointer, Int64(count))
      return out.values(Double.self)
    }
    func moment(_ x: [Double], _ power: Double) -> Double {
      x.reduce(0) { $0 + pow($1, power) } / Double(count)
    }
    let random = tri_kernels_default().pointee.random
    let uniform = sample { random.uniform_f64($0, 0, $1, 3, 0, 0, 1) }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(moment(uniform, 1) - 0.5) < 0.005)
    #expect(abs(moment(uniform, 2) - 1 / 3) < 0.005)
    let normal = sample { random.normal_f64($0, 0, $1, 3, 1, 0, 1) }
    #expect(abs(moment(normal, 1)) < 0.01)
    #expect(abs(moment(normal, 2) - 1) < 0.02)
    #expect(abs(moment(normal, 3)) < 0.05)
    #expect(abs(moment(normal, 4) - 3) < 0.1)
    // Neighbours come from one pair of words: their product must average to nothing.
    let pairs = stride(from: 0, to: count, by: 2).reduce(0) { $0 + normal[$1] * normal[$1 + 1] }
    #expect(abs(pairs / Double(count / 2)) < 0.01)
    let coins = sample { random.bernoulli($0, TRI_F64, 0, $1, 3, 2, 0.3, 1) }
    #expect(abs(moment(coins, 1) - 0.3) < 0.005)
    #expect(sample { random.bernoulli($0, TRI_F64, 0, $1, 3, 2, 1, 1) }.allSatisfy { $0 == 1 })
    #expect(sample { random.bernoulli($0, TRI_F64, 0, $1, 3, 2, 0, 1) }.allSatisfy { $0 == 0 })
    let dice = sample { random.integers($0, TRI_F64, 0, $1, 3, 3, 1, 7) }
    #expect(Set(dice) == [1, 2, 3, 4, 5, 6])
    #expect(abs(moment(dice, 1) - 3.5) < 0.02)
  }

  @Test("the float32 normal follows the method in double")
  func normalFollowsBoxMuller() {
    let count = 1000
    let out = OperandBuffer(byteCount: count * 4)
    Elementwise.portable.pointee.random.normal_f32(out.pointer, 0, Int64(count), 9, 4, 0, 1)
    let values = out.values(Float.self)
    for pair in 0..<count / 2 {
      var words = [UInt32](repeating: 0, count: 4)
      Elementwise.portable.pointee.random.philox(&words, [UInt32(pair / 2), 0, 4, 0], [9, 0])
      let (r, a) = (words[pair % 2 * 2], words[pair % 2 * 2 + 1])
      let radius = (-2 * log((Double(r >> 1) + 0.5) * 0x1p-31)).squareRoot()
      let angle = 2 * Double.pi * Double(a) * 0x1p-32
      #expect(abs(Double(values[2 * pair]) - radius * cos(angle)) < 2e-6)
      #expect(abs(Double(values[2 * pair + 1]) - radius * sin(angle)) < 2e-6)
    }
  }

  @Test("the largest uniform stays below high")
  func upperBoundIsOpen() {
    let out = OperandBuffer(byteCount: 4 * 100_000)
    tri_kernels_default().pointee.random.uniform_f32(out.pointer, 0, 100_000, 1, 0, 1, 1 + 0x1p-23)
    #expect(out.values(Float.self).allSatisfy { $0 == 1 })
  }
}
