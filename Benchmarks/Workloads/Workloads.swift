import Benchmark
import TributaryWorkloads

/// The workloads of `tributary bench`, one step a sample, with the statistics, baselines and comparisons of the
/// benchmark package.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration.metrics = [.wallClock, .cpuTotal, .peakMemoryResident]
  Benchmark.defaultConfiguration.timeUnits = .microseconds
  Benchmark.defaultConfiguration.warmupIterations = 0
  Benchmark.defaultConfiguration.maxIterations = 20
  Benchmark.defaultConfiguration.maxDuration = .seconds(5)

  for entry in Workload.catalogue {
    Benchmark(entry.name) { benchmark in
      let workload = try entry.make(1)
      // Pools fill and pages appear in the first steps.
      for _ in 0..<2 { try workload.step() }
      benchmark.startMeasurement()
      try workload.step()
      benchmark.stopMeasurement()
    }
  }
}
