// Times single convolutions, forward and backward: the half of Benchmarks/Convolutions/compare.py that is ours.
//
//   convolutions THREADS ROUNDS FORM …
//
// A form is KIND:BATCH,CHANNELS,FILTERS:GROUPS:SIZE:KERNEL:STRIDE:PADDING, with KIND conv1d, conv2d, conv3d or convT2d,
// and SIZE and KERNEL as 56x56. Prints a line for each: the form, and the medians of forward and backward in ms.

import Glibc
import Tributary

struct Usage: Error {}

struct Form {
  let kind: String
  let batch, channels, filters, groups, stride, padding: Int
  let size, kernel: [Int]

  init(_ text: String) throws {
    func numbers(_ part: Substring, _ separator: Character) throws -> [Int] {
      try part.split(separator: separator).map { digits in
        guard let number = Int(digits) else { throw Usage() }
        return number
      }
    }
    let parts = text.split(separator: ":")
    guard parts.count == 7 else { throw Usage() }
    let counts = try numbers(parts[1], ",")
    (size, kernel) = (try numbers(parts[3], "x"), try numbers(parts[4], "x"))
    guard counts.count == 3, let groups = Int(parts[2]), let stride = Int(parts[5]),
      let padding = Int(parts[6])
    else { throw Usage() }
    kind = String(parts[0])
    (batch, channels, filters) = (counts[0], counts[1], counts[2])
    (self.groups, self.stride, self.padding) = (groups, stride, padding)
  }

  /// x, weight and bias.
  func operands() throws -> [Tensor] {
    let rows = kind == "convT2d" ? [channels, filters / groups] : [filters, channels / groups]
    return [
      try Tensor.randn(Shape([batch, channels] + size), requiresGrad: true),
      try Tensor.randn(Shape(rows + kernel), requiresGrad: true),
      try Tensor.randn([filters], requiresGrad: true),
    ]
  }

  func forward(_ x: Tensor, _ w: Tensor, _ b: Tensor) throws -> Tensor {
    let (stride, zeros) = (SpatialSize(self.stride), SpatialSize(padding))
    let padding = ConvolutionPadding(zeros)
    return switch kind {
    case "conv1d": try conv1d(x, w, b, stride: stride, padding: padding, groups: groups)
    case "conv2d": try conv2d(x, w, b, stride: stride, padding: padding, groups: groups)
    case "conv3d": try conv3d(x, w, b, stride: stride, padding: padding, groups: groups)
    case "convT2d":
      try convTranspose2d(x, w, b, stride: stride, padding: zeros, groups: groups)
    default: throw Usage()
    }
  }
}

func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

func run(_ arguments: [String]) throws {
  guard arguments.count >= 3, let threads = Int(arguments[0]), let rounds = Int(arguments[1])
  else { throw Usage() }
  let clock = ContinuousClock()
  try withThreads(threads) {
    for text in arguments.dropFirst(2) {
      let form = try Form(text)
      let operands = try form.operands()
      var seed: Tensor?
      var (forward, backward): ([Double], [Double]) = ([], [])
      for round in 0..<rounds + 2 {
        for operand in operands { try operand.setGrad(nil) }
        var out: Tensor?
        let ahead = try clock.measure {
          out = try form.forward(operands[0], operands[1], operands[2])
        }
        guard let result = out else { throw Usage() }
        let gradient = try seed ?? Tensor.randn(result.shape)
        seed = gradient
        let back = try clock.measure { try result.backward(gradient: gradient) }
        if round >= 2 {
          forward.append(ahead / .milliseconds(1))
          backward.append(back / .milliseconds(1))
        }
      }
      print(text, median(forward), median(backward))
    }
  }
}

do {
  try run(Array(CommandLine.arguments.dropFirst()))
} catch is Usage {
  print("convolutions THREADS ROUNDS FORM …; the forms stand in Benchmarks/Convolutions/compare.py")
  exit(64)
} catch {
  print(error)
  exit(1)
}
