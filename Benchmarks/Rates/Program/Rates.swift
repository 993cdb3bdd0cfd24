// The rates of elementwise operators beside the memory's, and of the matrix product on several threads beside one.

import ArgumentParser
import CTributaryKernels
import Tributary

@main
struct Rates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rates",
    abstract:
      "Times memory-bound operators against copies, and the product on threads against one.",
    discussion: """
      elementwise   exp, log, erf, tanh, add, copy and sum of float32 into a result that is there already (by the \
      package's own entry: there is no public one with an `out:`) and into a new one, against the fastest of three \
      copies of as many bytes: memcpy of a part for each thread, memcpy tile by tile, non-temporal stores. All take \
      turns, round after round. Columns: the median of the rounds in milliseconds; that by the fastest copy's median; \
      bytes read and written a second; and that by the copy's.
      product       the float32 product of square matrices on --threads against one thread, in turn.
      new           the operators into a new result alone, a line each: for pytorch.py, which compares.
      """)

  enum What: String, ExpressibleByArgument, CaseIterable { case elementwise, product, new }

  @Argument(help: "What to time: \(What.allCases.map(\.rawValue).joined(separator: ", ")).")
  var what: What = .elementwise

  @Option(help: "Elements of each operand.")
  var elements = 10_000_000

  @Option(help: "Rounds; each operator once a round.")
  var rounds = 21

  @Option(help: "Threads.")
  var threads = 2

  func validate() throws {
    guard elements > 0, rounds > 0, threads > 0 else {
      throw ValidationError("--elements, --rounds and --threads take positive numbers")
    }
  }

  func run() throws {
    try withThreads(threads) {
      switch what {
      case .elementwise: try Elementwise(elements: elements, rounds: rounds).report()
      case .new: try Elementwise(elements: elements, rounds: rounds).reportNew()
      case .product: try Product(threads: threads, rounds: rounds).report()
      }
    }
  }
}
