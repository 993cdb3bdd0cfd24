import Foundation
import Testing
import Tributary

/// Against PyTorch 2.15's own output for several hundred tensors (Resources/printing.txt).
///
/// A case there is a line `@ dtype sizes grad options`, the elements (`+`: their bits in hexadecimal, or whole
/// numbers; `= line a b`: a + i · b; `= full a b`), and what PyTorch printed.
@Suite struct PrintingTests {
  private struct Case {
    var dtype = DType.float32
    var shape = Shape()
    var requiresGrad = false
    var options = PrintOptions()
    var words: [String] = []
    var rule: [String] = []
    var expected: [String] = []
  }

  private func cases() throws -> [Case] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/printing", withExtension: "txt"))
    var cases: [Case] = []
    for line in try String(contentsOf: url, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      let fields = line.split(separator: " ").map(String.init)
      if line.hasPrefix("@ ") {
        var next = Case()
        next.dtype = try #require(DType.allCases.first { $0.description == fields[1] })
        if fields[2] != "-" {
          next.shape = Shape(fields[2].split(separator: ",").compactMap { Int($0) })
        }
        next.requiresGrad = fields[3] == "grad"
        if fields[4] != "-" { next.options = options(fields[4]) }
        cases.append(next)
      } else if line.hasPrefix("+") {
        cases[cases.count - 1].words += fields.dropFirst()
      } else if line.hasPrefix("= ") {
        cases[cases.count - 1].rule = Array(fields.dropFirst())
      } else {
        cases[cases.count - 1].expected.append(String(line))
      }
    }
    return cases
  }

  private func options(_ text: String) -> PrintOptions {
    var options = PrintOptions()
    for setting in text.split(separator: ";") {
      let parts = setting.split(separator: "=").map(String.init)
      switch parts[0] {
      case "precision": options.precision = Int(parts[1]) ?? 0
      case "threshold": options.threshold = Int(parts[1]) ?? 0
      case "edgeitems": options.edgeItems = Int(parts[1]) ?? 0
      case "linewidth": options.lineWidth = Int(parts[1]) ?? 0
      default: options.sciMode = parts[1] == "True"
      }
    }
    return options
  }

  private func tensor(_ test: Case) throws -> Tensor {
    let count = test.shape.reduce(1, *)
    if !test.rule.isEmpty {
      let (a, b) = (try #require(Double(test.rule[1])), try #require(Double(test.rule[2])))
      return try Tensor(
        scalars: (0..<count).map { a + Double($0) * b }, shape: test.shape, dtype: test.dtype)
    }
    switch test.dtype {
    case .float32:
      let values = test.words.compactMap { UInt32($0, radix: 16) }.map(Float.init(bitPattern:))
      return try Tensor(scalars: values, shape: test.shape)
    case .float64:
      let values = test.words.compactMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
      return try Tensor(scalars: values, shape: test.shape)
    default:
      return try Tensor(
        scalars: test.words.compactMap { Int($0) }, shape: test.shape, dtype: test.dtype)
    }
  }

  @Test func printsAsPyTorchDoes() throws {
    let cases = try cases()
    #expect(cases.count > 400)
    var mismatches = 0
    for test in cases {
      let x = try tensor(test)
      if test.requiresGrad { try x.requiresGrad_() }
      let text = withPrintOptions(test.options) { "\(x)" }
      var expected = test.expected
      // What ends the file.
      if expected.last == "" { expected.removeLast() }
      if text != expected.joined(separator: "\n") {
        mismatches += 1
        if mismatches < 8 {
          Issue.record(
            "\(test.dtype) \(test.shape)\n\(expected.joined(separator: "\n"))\nbut:\n\(text)")
        }
      }
    }
    #expect(mismatches == 0)
  }

  @Test func namesTheNode() throws {
    let x = try Tensor.ones([2], requiresGrad: true)
    #expect("\(try x.add(1))" == "tensor([2., 2.], grad_fn=<AddBackward0>)")
    #expect("\(x)" == "tensor([1., 1.], requires_grad=True)")
    #expect("\(try x.mul(2).detach())" == "tensor([2., 2.])")
    #expect(x.debugDescription == x.description)
  }

  @Test func stridesDoNotShow() throws {
    let x = try Tensor.arange(6).reshape([2, 3]).t()
    #expect("\(x)" == "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])")
    #expect("\(try Tensor([1.5]).expand([2]))" == "tensor([1.5000, 1.5000])")
    let large = try Tensor.arange(1_000_000).reshape([1000, 1000]).t()
    #expect("\(large)".hasPrefix("tensor([[     0,   1000,   2000,"))
  }

  @Test func oddOptionsDoNotTrap() throws {
    let x = try Tensor.randn([30, 40])
    for options in [
      PrintOptions(precision: -3), PrintOptions(precision: 5000), PrintOptions(threshold: -1),
      PrintOptions(edgeItems: -2), PrintOptions(threshold: 0, edgeItems: .max),
      PrintOptions(lineWidth: -5), PrintOptions(lineWidth: 0),
    ] {
      #expect(withPrintOptions(options) { !x.description.isEmpty })
    }
  }

  /// What a closure sets for itself does not become the process's by a change made within it.
  @Test func scopedOptionsStayInTheirScope() throws {
    let x = try Tensor([0.125])
    withPrintOptions(PrintOptions(precision: 2)) {
      #expect(printOptions.precision == 4)
      let options = printOptions
      printOptions = options
      #expect("\(x)" == "tensor([0.12])")
    }
    #expect("\(x)" == "tensor([0.1250])")
  }
}
