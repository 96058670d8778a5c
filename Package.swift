// swift-tools-version: 6.2
import PackageDescription

/// One set of compiler settings for every Swift target: the strictest the language offers.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The same for C.
let strictC: [CSetting] = [
    .enableWarning("all"),
    .enableWarning("extra"),
    .treatAllWarnings(as: .error),
]

/// The commit that `--version` and `tcptable_exporter_build_info` name; empty outside a git checkout.
let revision = Context.gitInformation.map { git in
    git.currentCommit + (git.hasUncommittedChanges ? "-modified" : "")
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "tcptable_exporter",
    products: [
        .executable(name: "tcptable_exporter", targets: ["tcptable_exporter"]),
        .executable(name: "tcptable", targets: ["tcptable"]),
        .library(name: "TCPTable", targets: ["TCPTable"]),
        .library(name: "IPHelper", type: .dynamic, targets: ["IPHelper"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "CLinux", cSettings: strictC),
        .target(
            name: "CBuildInfo",
            cSettings: strictC + [.define("BUILD_REVISION", to: "\"\(revision ?? "")\"")]),
        .target(name: "BuildInfo", dependencies: ["CBuildInfo"], swiftSettings: strict),
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(
            name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),

        .target(name: "Linux", dependencies: ["CLinux", system], swiftSettings: strict),
        .target(name: "Procfs", dependencies: ["CLinux", "Linux", system], swiftSettings: strict),
        .target(
            name: "SockDiag", dependencies: ["CLinux", "Linux", system], swiftSettings: strict),
        .target(
            name: "TCPConnections", dependencies: ["SockDiag", "Procfs", system],
            swiftSettings: strict),
        .target(
            name: "OwnerModules", dependencies: ["TCPConnections", "Procfs", system],
            swiftSettings: strict),
        .target(
            name: "TCPTable",
            dependencies: ["TCPConnections", "OwnerModules", "SockDiag", "Procfs", system],
            swiftSettings: strict),
        .target(name: "CIPHelper", cSettings: strictC),
        .target(
            name: "IPHelper", dependencies: ["CIPHelper", "CLinux", "TCPTable", system],
            swiftSettings: strict),
        .target(name: "ByteText", swiftSettings: strict),
        .target(name: "Exposition", dependencies: ["ByteText"], swiftSettings: strict),
        .target(
            name: "MetricsServer",
            dependencies: ["CLinux", "Linux", "CMicroHTTPD", "CZlib", system],
            swiftSettings: strict),
        .target(
            name: "WebConfiguration", dependencies: ["CYAML", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "WebAccess",
            dependencies: ["WebConfiguration", "MetricsServer", "Linux", "CCrypt", "CGnuTLS"],
            swiftSettings: strict),
        .target(
            name: "Exporter",
            dependencies: [
                "BuildInfo", "TCPConnections", "OwnerModules", "SockDiag", "Procfs", "Exposition",
                "MetricsServer", "WebConfiguration", "WebAccess", "Linux", logging, system,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tcptable_exporter",
            dependencies: [
                "BuildInfo", "CLinux", "Linux", "Exporter", "MetricsServer", "WebConfiguration",
                "WebAccess", "Procfs", logging, system, argumentParser,
            ],
            exclude: ["tcptable_exporter.service", "tcptable_exporter.socket"],
            swiftSettings: strict),
        .target(
            name: "Listing",
            dependencies: [
                "ByteText", "TCPTable", "TCPConnections", "OwnerModules", "SockDiag", "Procfs",
                "CLinux", "Linux", system,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tcptable",
            dependencies: [
                "BuildInfo", "Listing", "TCPConnections", "Procfs", argumentParser,
            ],
            swiftSettings: strict),

        .testTarget(
            name: "ExpositionTests", dependencies: ["Exposition", "ByteText", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExporterTests",
            dependencies: [
                "Exporter", "TCPConnections", "OwnerModules", "SockDiag", "Procfs", "Exposition",
                "MetricsServer", "WebConfiguration", "Linux", "TestSupport", logging, system,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ListingTests",
            dependencies: [
                "Listing", "TCPTable", "TCPConnections", "OwnerModules", "SockDiag", "Procfs",
                "Linux", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["TestSupport", system], swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", system], swiftSettings: strict),
        .testTarget(
            name: "MetricsServerTests", dependencies: ["MetricsServer", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebConfigurationTests",
            dependencies: ["WebConfiguration", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebAccessTests",
            dependencies: [
                "WebAccess", "WebConfiguration", "MetricsServer", "Linux", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SockDiagTests", dependencies: ["SockDiag", "CLinux", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "TCPConnectionsTests",
            dependencies: ["TCPConnections", "SockDiag", "Procfs", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "ProcfsTests", dependencies: ["Procfs", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "OwnerModulesTests",
            dependencies: [
                "OwnerModules", "TCPConnections", "SockDiag", "Procfs", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TCPTableTests",
            dependencies: [
                "TCPTable", "TCPConnections", "OwnerModules", "SockDiag", "Procfs", "TestSupport",
                system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IPHelperTests",
            dependencies: [
                "IPHelper", "CIPHelper", "TCPTable", "TCPConnections", "OwnerModules",
                "TestSupport",
                system,
            ],
            exclude: ["Programs", "Example"], swiftSettings: strict),
        .testTarget(
            name: "RepositoryTests", dependencies: ["Exporter", "Exposition", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DashboardTests",
            dependencies: ["Exporter", "Exposition", "TestSupport", system],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "TestSupportTests", dependencies: ["TestSupport"],
            path: "Tests/Support/TestSupportTests", swiftSettings: strict),

        // Pieces of a scrape on made-up input, for Tests/Benchmarks/benchmark --micro.
        .target(
            name: "CMicroBenchmarks", path: "Tests/Benchmarks/CMicroBenchmarks",
            cSettings: strictC),
        .executableTarget(
            name: "tcptable_microbenchmark",
            dependencies: [
                "CMicroBenchmarks", "CTestSupport", "CLinux", "SockDiag", "TCPConnections",
                "OwnerModules", "Procfs", "Exporter", "Exposition", argumentParser,
            ],
            path: "Tests/Benchmarks/tcptable_microbenchmark", swiftSettings: strict),

        // What tests stand on: sockets in every state, namespaces, failing system calls, a load.
        .target(
            name: "TestSupport", dependencies: ["CFaultInjection", "CTestSupport", system],
            path: "Tests/Support/TestSupport", swiftSettings: strict),
        .target(
            name: "CFaultInjection", path: "Tests/Support/CFaultInjection", cSettings: strictC),
        .target(name: "CTestSupport", path: "Tests/Support/CTestSupport", cSettings: strictC),
        .executableTarget(
            name: "tcptable_testload", path: "Tests/Support/tcptable_testload",
            cSettings: strictC),
        .executableTarget(
            name: "tcptable_abuse", path: "Tests/Support/tcptable_abuse", cSettings: strictC),
        .executableTarget(
            name: "tcptable_holder", path: "Tests/Support/tcptable_holder", cSettings: strictC),
        .executableTarget(
            name: "tcptable_leaker", path: "Tests/Support/tcptable_leaker", cSettings: strictC),
        .executableTarget(
            name: "bare_dump", path: "Tests/Support/bare_dump", cSettings: strictC),
        .executableTarget(
            name: "testrun", path: "Tests/Support/testrun", cSettings: strictC),
    ],
    swiftLanguageModes: [.v6]
)
