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

let cTestSupport: Target.Dependency = .product(name: "CTestSupport", package: "CSupport")
let cFaultInjection: Target.Dependency = .product(name: "CFaultInjection", package: "CSupport")

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
        // Only tests depend on it: who depends on this package never sees it.
        .package(path: "Tests/Support/CSupport"),
    ],
    targets: [
        .target(name: "CLinux", cSettings: strictC),
        .target(name: "CArguments", cSettings: strictC),
        .target(
            name: "CBuildInfo",
            cSettings: strictC + [.define("BUILD_REVISION", to: "\"\(revision ?? "")\"")]),
        .target(name: "BuildInfo", dependencies: ["CBuildInfo"], swiftSettings: strict),
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(
            name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),

        .target(name: "Linux", dependencies: ["CLinux", system], swiftSettings: strict),
        .target(name: "TCPModel", dependencies: [system], swiftSettings: strict),
        .target(
            name: "Procfs", dependencies: ["TCPModel", "CLinux", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "BPFIterators", dependencies: ["TCPModel", "Procfs", "CLinux", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "SockDiag", dependencies: ["TCPModel", "CLinux", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "Owners", dependencies: ["TCPModel", "Linux", system], swiftSettings: strict),
        .target(
            name: "ContainerNames",
            dependencies: ["TCPModel", "CJansson", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "TCPTable",
            dependencies: [
                "TCPModel", "Owners", "SockDiag", "Procfs", "BPFIterators", "ContainerNames",
                "CLinux",
                "Linux", system,
            ],
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
            name: "Configuration", dependencies: ["CYAML", "Linux", system],
            swiftSettings: strict),
        .target(name: "Patterns", dependencies: ["CPCRE2"], swiftSettings: strict),
        .target(
            name: "ModuleMap",
            dependencies: ["Configuration", "Patterns", "TCPModel", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "WebConfiguration", dependencies: ["Configuration", "Linux"],
            swiftSettings: strict),
        .target(
            name: "WebAccess",
            dependencies: ["WebConfiguration", "MetricsServer", "Linux", "CCrypt", "CGnuTLS"],
            swiftSettings: strict),
        .target(
            name: "Exporter",
            dependencies: [
                "BuildInfo", "ByteText", "TCPModel", "Owners", "Exposition", "MetricsServer",
                "WebConfiguration", "WebAccess", "Patterns", "Linux", logging, system,
            ],
            swiftSettings: strict),
        .target(
            name: "CommandOptions",
            dependencies: ["BuildInfo", "CArguments", "TCPTable", argumentParser],
            swiftSettings: strict),
        .executableTarget(
            name: "tcptable_exporter",
            dependencies: [
                "CommandOptions", "CLinux", "Linux", "Exporter", "MetricsServer",
                "WebConfiguration", "WebAccess", "ModuleMap", "Patterns", "TCPTable",
                logging, system, argumentParser,
            ],
            swiftSettings: strict),
        .target(
            name: "Listing",
            dependencies: [
                "ByteText", "TCPTable", "TCPModel", "Owners", "CLinux", "Linux", system,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tcptable",
            dependencies: [
                "CommandOptions", "Listing", "ModuleMap", "TCPModel", "TCPTable", argumentParser,
            ],
            swiftSettings: strict),

        .testTarget(
            name: "ExpositionTests", dependencies: ["Exposition", "ByteText", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExporterTests",
            dependencies: [
                "Exporter", "TCPModel", "Owners", "SockDiag", "Procfs", "Exposition",
                "MetricsServer", "WebConfiguration", "Patterns", "HostFakes", "TableFakes", "Linux",
                "TestSupport",
                logging, system,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ListingTests",
            dependencies: [
                "Listing", "TCPTable", "TCPModel", "Owners", "SockDiag", "Procfs",
                "HostFakes", "TableFakes", "Linux", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["TestSupport", system], exclude: ["Runtimes"],
            swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", system], swiftSettings: strict),
        .testTarget(
            name: "MetricsServerTests", dependencies: ["MetricsServer", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebConfigurationTests",
            dependencies: ["WebConfiguration", "Configuration", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ModuleMapTests",
            dependencies: [
                "ModuleMap", "Patterns", "Configuration", "TCPModel", "Procfs", "Owners", "Linux",
                "HostFakes", "TableFakes", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WebAccessTests",
            dependencies: [
                "WebAccess", "WebConfiguration", "MetricsServer", "Linux", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SockDiagTests",
            dependencies: [
                "SockDiag", "TCPModel", "CLinux", "TableFakes", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TCPModelTests",
            dependencies: [
                "TCPModel", "SockDiag", "Procfs", "Linux", "HostFakes", "TableFakes", "TestSupport",
                system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProcfsTests",
            dependencies: ["Procfs", "TCPModel", "HostFakes", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "BPFIteratorsTests",
            dependencies: [
                "BPFIterators", "Owners", "TCPModel", "Procfs", "SockDiag", "Linux", "HostFakes",
                "TableFakes", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OwnersTests",
            dependencies: [
                "Owners", "TCPModel", "SockDiag", "Procfs", "BPFIterators", "HostFakes",
                "TableFakes", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ContainerNamesTests",
            dependencies: [
                "ContainerNames", "TCPModel", "Owners", "Procfs", "Linux", "HostFakes",
                "TableFakes", "TestSupport", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TCPTableTests",
            dependencies: [
                "TCPTable", "TCPModel", "Owners", "SockDiag", "Procfs", "TableFakes",
                "TestSupport",
                system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IPHelperTests",
            dependencies: [
                "IPHelper", "CIPHelper", "TCPTable", "TCPModel", "Owners",
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

        // What tests stand on: sockets in every state, namespaces, failing system calls, made-up hosts.
        .testTarget(
            name: "TestSupport", dependencies: [cTestSupport, cFaultInjection, system],
            path: "Tests/Support/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "HostFakes", path: "Tests/Support/HostFakes", swiftSettings: strict),
        .testTarget(
            name: "TableFakes",
            dependencies: ["HostFakes", "Procfs", "Owners", "TCPModel"],
            path: "Tests/Support/TableFakes", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// `Tests/Benchmarks/benchmark --micro` builds its program, which nobody else needs, in place of the
// tests: pieces of a scrape on made-up input.
if Context.environment["TCPTABLE_MICROBENCHMARK"] != nil {
    package.targets.removeAll { $0.type == .test }
    package.targets += [
        .target(name: "HostFakes", path: "Tests/Support/HostFakes", swiftSettings: strict),
        .target(
            name: "CMicroBenchmarks", path: "Tests/Benchmarks/CMicroBenchmarks",
            cSettings: strictC),
        .executableTarget(
            name: "tcptable_microbenchmark",
            dependencies: [
                "CMicroBenchmarks", cTestSupport, "HostFakes", "CLinux", "SockDiag",
                "TCPModel", "Owners", "Procfs", "Exporter", "Exposition",
                argumentParser,
            ],
            path: "Tests/Benchmarks/tcptable_microbenchmark", swiftSettings: strict),
    ]
}

// `Tests/Fuzzing/fuzz` builds its program, which nobody else needs, in place of the tests.
if Context.environment["TCPTABLE_FUZZING"] != nil {
    package.targets.removeAll { $0.type == .test }
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "tcptable_fuzz",
            dependencies: [
                "CFuzzer", "CIPHelper", "SockDiag", "TCPModel", "Configuration", "WebConfiguration",
                "ModuleMap", "Patterns", "MetricsServer", "Exporter", "Exposition", "Owners",
                "Procfs", "ContainerNames", "IPHelper", "BPFIterators", system,
            ],
            path: "Tests/Fuzzing/tcptable_fuzz", swiftSettings: strict,
            // Debian 12's gold cannot link what is compiled for libFuzzer.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
}
