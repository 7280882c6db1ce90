// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A Swift library target of the project; the table of imports stands in Documentation/Design.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], embedding files: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: files.map { .embedInCode($0) },
    swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, resources: [], swiftSettings: swift)
}

/// A program in Examples/ that uses the library as another package would.
func example(_ name: String) -> Target {
  .executableTarget(
    name: "Example\(name)", dependencies: ["Striate"], path: "Examples/\(name)",
    swiftSettings: swift)
}

let package = Package(
  name: "striate",
  platforms: [.macOS(.v14)],
  products: [
    .library(name: "Striate", targets: ["Striate"]),
    .executable(name: "striate", targets: ["StriateCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
  ],
  targets: [
    .target(name: "CDNNL"),
    .target(name: "CCodecs"),
    .target(name: "CImaging"),
    .target(name: "CKernels"),
    .target(name: "CSystem"),
    library("StriateCore"),
    library("StriateIR", ["StriateCore"]),
    library("StriateRuntime", ["StriateIR"]),
    library("StriateCPU", ["StriateRuntime", "CDNNL", "CKernels"]),
    library("StriateNN", ["StriateIR"]),
    library("StriateModels", ["StriateNN"]),
    library("StriateFormats", ["StriateIR", "CCodecs"]),
    library("StriateData", ["StriateCore", "CCodecs", "CImaging"]),
    library(
      "StriateTraining",
      ["StriateNN", "StriateRuntime", "StriateFormats", "StriateData", "CSystem"]),
    library("StriateTasks", ["StriateNN", "StriateTraining"]),
    library("StriateCortex", ["StriateModels", "StriateTraining"]),
    library("StriateInspect", ["StriateCPU", "StriateCortex", "StriateTasks"]),
    library(
      "StriateLineage", ["StriateInspect"],
      embedding: ["Records/claims.json", "Records/commits.json", "Records/long-run.json"]),
    library("Striate", ["StriateLineage"]),
    .executableTarget(
      name: "StriateCLI",
      dependencies: [
        "Striate",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    tests("StriateCoreTests", ["StriateCore"]),
    tests("StriateFormatsTests", ["StriateFormats", "StriateTestSupport"]),
    tests("StriateDataTests", ["StriateData", "StriateTestSupport"]),
    .target(
      name: "StriateTestSupport", dependencies: ["StriateRuntime"],
      path: "Tests/StriateTestSupport", swiftSettings: swift),
    tests("StriateIRTests", ["StriateTestSupport"]),
    tests("StriateRuntimeTests", ["StriateTestSupport"]),
    tests("StriateCPUTests", ["StriateTestSupport", "Striate", "CKernels"]),
    tests("StriateParityTests", ["StriateTestSupport", "Striate"]),
    tests("ProjectTests", []),
    tests("StriateNNTests", ["StriateNN", "StriateRuntime"]),
    tests("StriateTasksTests", ["StriateTasks", "StriateModels", "StriateTestSupport"]),
    tests("StriateModelsTests", ["StriateModels", "StriateTraining"]),
    tests("StriateCLITests", ["Striate", "StriateTestSupport"]),
    tests("StriateCortexTests", ["StriateTestSupport", "Striate"]),
    tests("StriateInspectTests", ["StriateTestSupport", "Striate"]),
    tests("StriateLineageTests", ["StriateTestSupport", "Striate"]),
    example("XOR"),
    example("CustomDataset"),
    example("CustomLayer"),
    example("CustomLoss"),
    example("CustomTask"),
    example("CustomOptimizer"),
    example("ProgramOnly"),
    .target(name: "CAllocationProbe", path: "Tests/CAllocationProbe"),
    .executableTarget(
      name: "StriateAllocationProbe", dependencies: ["CAllocationProbe", "Striate"],
      path: "Tests/StriateAllocationProbe", swiftSettings: swift),
    tests(
      "StriateTrainingTests", ["StriateModels", "StriateTraining", "StriateTestSupport"]),
  ]
)
