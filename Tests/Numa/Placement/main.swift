// The placement tests that need a machine with several NUMA nodes: `numa-placement NAME[=VALUE] …` runs the checks
// named and prints a line for each, `ok NAME: …` or `FAILED NAME: …`. Tests/Numa/run.sh runs it in virtual machines.
//
// A program of its own and not Swift Testing: each case wants a process of its own, started under another mask,
// control group or filter of system calls, and inside a virtual machine that has nothing but this file and libraries.

import Glibc

let checks: [(name: String, run: (_ value: String) throws -> String)] = [
  ("topology", TopologyCheck.run),
  ("spread", SpreadCheck.run),
  ("local", LocalCheck.run),
  ("interleaved", InterleavedCheck.run),
  ("gradients", GradientCheck.run),
  ("workers", WorkerCheck.run),
  ("homes", HomeCheck.run),
  ("masks", MaskCheck.run),
  ("full", FullNodeCheck.run),
  ("shrunk", ShrunkGroupCheck.run),
  ("refused", RefusalCheck.run),
  ("untouched", RefusalCheck.untouched),
]

var failed = CommandLine.arguments.count < 2
for argument in CommandLine.arguments.dropFirst() {
  let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
  guard let name = parts.first, let check = checks.first(where: { $0.name == name }) else {
    print("FAILED \(argument): there is no such check")
    failed = true
    continue
  }
  do {
    print("ok \(name): \(try check.run(parts.count > 1 ? parts[1] : ""))")
  } catch {
    print("FAILED \(name): \(error)")
    failed = true
  }
  fflush(nil)
}
exit(failed ? 1 : 0)
