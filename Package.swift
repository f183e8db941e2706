// swift-tools-version: 6.2
import PackageDescription

/// Every target is built the same strict way: data races, untyped existentials, unmarked unsafe
/// code and warnings of any kind are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A room: one target of ours and the only ones it may import (see README, "Rooms").
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "fantail",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "fantail", targets: ["fantail"])],
    dependencies: [
        // The command line: parsing, help, completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Structured logs that an embedding app can redirect.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // SIGTERM and SIGINT to an orderly, reverse-ordered shutdown.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

        room("Files", []),
        room("LTX", ["CLZ4"]),
        room("SQLite", ["CSQLite"]),
        room("ObjectStore", ["Files", logging]),
        room("Replica", ["LTX", "ObjectStore", "Files", logging]),
        room("Primary", ["SQLite", "Replica", "LTX", "ObjectStore", "Files", logging]),
        room("Follower", ["SQLite", "Replica", "LTX", "ObjectStore", "Files", logging]),
        .executableTarget(
            name: "fantail",
            dependencies: [
                "CSQLite", "CCurl", "CCrypto", "CLZ4",
                "Files", "LTX", "SQLite", "ObjectStore", "Replica", "Primary", "Follower", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // What tests of several rooms need: temporary directories, seeds.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("LTXTests", ["LTX"], resources: [.copy("Golden")]),
        tests("ObjectStoreTests", ["ObjectStore", "Files"]),
        tests("SQLiteTests", ["SQLite"]),
        tests("ReplicaTests", ["Replica", "LTX", "ObjectStore", "Files"]),
        tests("PrimaryTests", ["Primary", "SQLite", "Replica", "LTX", "ObjectStore", "Files", logging]),
        tests("FollowerTests", ["Follower", "SQLite", "Replica", "LTX", "ObjectStore", "Files"]),
        tests(
            "FantailTests",
            [
                "fantail", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                "Files", "LTX", "SQLite", "ObjectStore", "Replica", "Follower",
            ]),
        tests("EndToEndTests", ["fantail"]),
        tests("TidyTests", []),
    ]
)
