import Foundation
package import Testing

/// Something a test needs of the machine it runs on, as a word: `.requires(.promtool)`.
package struct Requirement: Sendable {
    /// How the reason of a skipped test names it.
    package let name: String
    let isMet: @Sendable () -> Bool

    /// A requirement that the tests themselves define.
    package init(_ name: String, isMet: @escaping @Sendable () -> Bool) {
        self.name = name
        self.isMet = isMet
    }
}

extension Requirement {
    /// The superuser.
    package static let root = Requirement("root") { geteuid() == 0 }

    /// The right to make network namespaces, `CAP_SYS_ADMIN` (bit 21 of `man 7 capabilities`).
    package static let networkNamespaces = Requirement("CAP_SYS_ADMIN") {
        hasCapability(21)
    }

    package static let curl = tool("curl")
    package static let prometheus = tool("prometheus")
    package static let promtool = tool("promtool")
    package static let ss = tool("ss")
    package static let strace = tool("strace")

    /// A kernel of this release or later.
    package static func linux(_ major: Int, _ minor: Int) -> Requirement {
        Requirement("Linux \(major).\(minor)") { isKernel(atLeast: major, minor) }
    }

    /// A program that can be found in `PATH` or among the administrator's programs.
    package static func tool(_ name: String) -> Requirement {
        Requirement(name) { toolPath(name) != nil }
    }
}

/// Whether dumps show sockets that are bound and neither listen nor connect (state bit 13).
package var kernelListsBoundSockets: Bool { isKernel(atLeast: 6, 8) }

private func isKernel(atLeast major: Int, _ minor: Int) -> Bool {
    let version = ProcessInfo.processInfo.operatingSystemVersion
    return (version.majorVersion, version.minorVersion) >= (major, minor)
}

/// Where a program lies: in `PATH`, else in a directory that only root's `PATH` has.
package func toolPath(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
    return directories.map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// Whether this process has the capability in its effective set (`man 5 proc`, `CapEff`).
private func hasCapability(_ bit: Int) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let digits = line?.dropFirst("CapEff:".count).trimmingCharacters(in: .whitespaces) ?? ""
    return (UInt64(digits, radix: 16) ?? 0) >> UInt64(bit) & 1 == 1
}

/// Whether the environment says `TCPTABLE_TEST_REQUIRE=all`.
package let allRequirementsMustBeMet =
    ProcessInfo.processInfo.environment["TCPTABLE_TEST_REQUIRE"] == "all"

/// Skips a test, with the reason, where its requirement is not met; where the environment says
/// `TCPTABLE_TEST_REQUIRE=all`, the test fails instead, so that no machine skips unnoticed that is
/// meant to run everything.
package struct RequirementTrait: TestTrait, SuiteTrait {
    let requirement: Requirement
    let mustBeMet: Bool

    /// `mustBeMet` decides between failing and skipping.
    package init(requirement: Requirement, mustBeMet: Bool = allRequirementsMustBeMet) {
        self.requirement = requirement
        self.mustBeMet = mustBeMet
    }

    package var isRecursive: Bool { true }

    package func prepare(for test: Test) async throws {
        let isMet = requirement.isMet()
        if mustBeMet && !isMet { throw RequirementNotMet(name: requirement.name) }
        let condition: ConditionTrait = .enabled(if: isMet, "requires \(requirement.name)")
        try await condition.prepare(for: test)
    }
}

/// Why a test fails where `TCPTABLE_TEST_REQUIRE=all`.
struct RequirementNotMet: Error, CustomStringConvertible {
    let name: String

    var description: String { "TCPTABLE_TEST_REQUIRE=all, but this machine lacks \(name)" }
}

extension Trait where Self == RequirementTrait {
    /// Runs the test only where the requirement is met.
    package static func requires(_ requirement: Requirement) -> Self {
        RequirementTrait(requirement: requirement)
    }
}
