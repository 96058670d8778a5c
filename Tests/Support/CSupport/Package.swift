// swift-tools-version: 6.2
import PackageDescription

/// What the tests need in C: a package of its own, as a test target is Swift alone and any other target
/// of the package above is built for its users too.
let settings: [CSetting] = [
    .enableWarning("all"),
    .enableWarning("extra"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "CSupport",
    products: [
        .library(name: "CFaultInjection", targets: ["CFaultInjection"]),
        .library(name: "CTestSupport", targets: ["CTestSupport"]),
    ],
    targets: [
        .target(name: "CFaultInjection", path: "CFaultInjection", cSettings: settings),
        .target(name: "CTestSupport", path: "CTestSupport", cSettings: settings),
    ]
)
