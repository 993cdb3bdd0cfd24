// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "LinearRegression",
  dependencies: [
    .package(name: "Tributary", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "LinearRegression",
      dependencies: [
        .product(name: "Tributary", package: "Tributary"),
        .product(name: "TributaryNN", package: "Tributary"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
