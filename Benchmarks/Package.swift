// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Tributary do not resolve the benchmark package. That one asks for
// Swift 6.3, Tributary itself for 6.2.
let package = Package(
  name: "TributaryBenchmarks",
  dependencies: [
    .package(name: "Tributary", path: ".."),
    // Without its traits, which interpose malloc: `make allocations` counts instead.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Workloads",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "TributaryWorkloads", package: "Tributary"),
      ],
      path: "Workloads",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
