// swift-tools-version: 6.2
import PackageDescription

// The libraries import no other package: argument parsing and digests belong to the program alone. The package
// manager resolves these two (and swift-asn1) for a user of the libraries all the same; README.md says what that means.
let package = Package(
  name: "Tributary",
  products: [
    .library(name: "Tributary", targets: ["Tributary"]),
    .library(name: "TributaryNN", targets: ["TributaryNN"]),
    .library(name: "TributaryData", targets: ["TributaryData"]),
    .library(name: "TributaryWorkloads", targets: ["TributaryWorkloads"]),
    .executable(name: "tributary", targets: ["TributaryCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CTributaryNuma", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])]),
    .target(name: "CTributaryShims"),
    .target(name: "CTributaryKernels"),
    .target(
      name: "TributaryParallel", dependencies: ["CTributaryNuma", "CTributaryShims"],
      exclude: ["SCHEDULER.md"]),
    .target(
      name: "TributaryMemory",
      dependencies: ["TributaryParallel", "CTributaryNuma", "CTributaryShims"]),
    .target(
      name: "Tributary",
      dependencies: [
        "TributaryParallel", "TributaryMemory", "CTributaryKernels", "CTributaryShims",
      ], exclude: ["Autograd/ENGINE.md"]),
    .target(name: "TributaryNN", dependencies: ["Tributary", "CTributaryKernels"]),
    .target(
      name: "TributaryData", dependencies: ["Tributary"], resources: [.copy("Resources")]),
    // What the program's `bench` and the benchmark package both run.
    .target(name: "TributaryWorkloads", dependencies: ["TributaryNN"]),
    // Random graphs and the comparison of engines: for `stress` and for the tests.
    .target(
      name: "TributaryStress",
      dependencies: ["Tributary", "TributaryParallel", "TributarySplitMix", "CTributaryShims"]),
    // Random choices by a seed; knows nothing of tensors.
    .target(name: "TributarySplitMix"),
    .executableTarget(
      name: "TributaryCLI",
      dependencies: [
        "TributaryNN", "TributaryData", "TributaryWorkloads", "TributaryParallel",
        "TributaryMemory", "CTributaryKernels", "TributaryStress",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    // What README.md and docs/tutorial.md show; Scripts/check-docs compares text and output.
    .executableTarget(
      name: "FirstProgram", dependencies: ["TributaryNN"], path: "Examples/FirstProgram"),
    .executableTarget(
      name: "AutogradTutorial", dependencies: ["Tributary"], path: "Examples/AutogradTutorial"),
    // Counts heap allocations (`make allocations`); wraps malloc, so nothing else may link the counter.
    .target(name: "CAllocationCounter", path: "Benchmarks/Allocations/CAllocationCounter"),
    .executableTarget(
      name: "allocations", dependencies: ["Tributary", "CAllocationCounter"],
      path: "Benchmarks/Allocations/Program"),
    // Rates of memory-bound operators against copies, of the product on threads (docs/performance.md).
    .target(name: "CCopies", path: "Benchmarks/Rates/CCopies"),
    .executableTarget(
      name: "rates",
      dependencies: [
        "Tributary", "TributaryParallel", "CTributaryKernels", "CCopies",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Benchmarks/Rates/Program"),
    // What Benchmarks/Indexing/peer.py measures beside PyTorch.
    .executableTarget(
      name: "index-rates", dependencies: ["Tributary", "TributaryParallel"],
      path: "Benchmarks/Indexing/Program"),
    // Times single convolutions, for Benchmarks/Convolutions/compare.py.
    .executableTarget(
      name: "convolutions", dependencies: ["Tributary"], path: "Benchmarks/Convolutions/Program"),
    // The placement checks that need several NUMA nodes (`make numa-test`).
    .executableTarget(
      name: "numa-placement",
      dependencies: [
        "Tributary", "TributaryMemory", "TributaryParallel", "CTributaryNuma", "CTributaryShims",
        "TestTools",
      ], path: "Tests/Numa/Placement"),
    .testTarget(
      name: "CTributaryKernelsTests", dependencies: ["CTributaryKernels", "TributarySplitMix"]),
    .testTarget(
      name: "TributaryParallelTests",
      dependencies: ["TributaryParallel", "TributarySplitMix", "CTributaryShims", "TestTools"]),
    // Reads processor time and thread states of the whole process: run with --no-parallel.
    .testTarget(
      name: "TributaryParallelSerialTests",
      dependencies: ["TributaryParallel", "CTributaryShims", "TestTools"]),
    .testTarget(name: "TributaryNNTests", dependencies: ["TributaryNN"]),
    .testTarget(
      name: "TributaryDataTests",
      dependencies: ["TributaryData", "TributarySplitMix"]),
    // Runs the built program.
    .testTarget(
      name: "TributaryCLITests",
      dependencies: ["TributaryCLI", "CTributaryKernels", "TributaryParallel"]),
    .testTarget(
      name: "TributaryTests",
      dependencies: [
        "Tributary", "TributaryParallel", "TributaryMemory", "TributaryStress",
        "TributarySplitMix", "TestSupport", "TestTools",
      ],
      resources: [.copy("Resources")]),
    .testTarget(name: "TributaryMemoryTests", dependencies: ["TributaryMemory", "TestTools"]),
    // Reads and sets what belongs to the whole process: run with `--no-parallel`.
    .testTarget(
      name: "TributaryMemorySerialTests",
      dependencies: ["TributaryMemory", "TributaryParallel", "TestTools"]),
    // Threads, delays, facts of the process; knows nothing of tensors.
    .target(name: "TestTools", dependencies: ["CTributaryShims"], path: "Tests/TestTools"),
    .target(name: "TestSupport", dependencies: ["Tributary"], path: "Tests/TestSupport"),
    // As TributaryMemorySerialTests: run with `--no-parallel`.
    .testTarget(
      name: "TributarySerialTests",
      dependencies: [
        "Tributary", "TributaryNN", "TributaryWorkloads", "TributaryParallel", "TributaryMemory",
        "CTributaryShims", "TributaryStress", "TributarySplitMix", "TestTools",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
