import Foundation
import HostFakes
import SockDiag
import SystemPackage
import TCPTable
import TableFakes
import TestSupport
import Testing

@testable import Listing
@testable import TCPModel

struct RowListingTests {
    @Test func rowsAreOrderedAndAligned() throws {
        let stage = try Stage([
            .row(.established, at: "10.0.0.1", port: 443, inode: 12, queues: (7, 1234)).to(
                "10.0.0.2", 40000),
            .row(.listen, at: "::", port: 443, inode: 11, queues: (0, 511)),
            .row(.timeWait, at: "10.0.0.1", port: 80).to("10.0.0.2", 40001),
        ])
        try stage.host.put(
            812,
            .init(
                executable: "/usr/sbin/nginx", cgroups: [":/system.slice/nginx.service"],
                sockets: [5: 11, 6: 12]))
        #expect(
            try stage.lines() == [
                "STATE        LOCAL         REMOTE          RECV-Q  SEND-Q  PID  PROGRAM  MODULE",
                "time_wait    10.0.0.1:80   10.0.0.2:40001       0       0    -  -        -",
                "established  10.0.0.1:443  10.0.0.2:40000       7    1234  812  nginx    nginx.service",
                "listen       [::]:443      [::]:*               0     511  812  nginx    nginx.service",
            ])
    }

    /// A second look has told that the first socket is still there.
    @Test func theReasonForAMissingOwnerIsShown() throws {
        let stage = try Stage([.row(.established, port: 1, inode: 99), .row(.timeWait, port: 2)])
        let modules = try stage.lines().dropFirst().map { cells($0)[7] }
        #expect(modules == ["(kernel)", "-"])
    }

    /// Root needs to drop its capabilities to be denied.
    @Test(.requires(.root)) func processesThatCannotBeInspectedAreProtected() throws {
        let stage = try Stage([.row(.established, port: 1, inode: 99)])
        try stage.host.put(7, .init())
        try stage.host.forbid("7/fd")
        let listing = try withoutCapabilities { try stage.read() }
        let denial = "cannot read the descriptors of 1 process (PID 7, program): Permission denied"
        #expect(listing.problems == [denial + "; up to 1 connection may be its"])
    }

    @Test func aLinkLocalAddressHasItsScope() throws {
        let stage = try Stage([
            .row(.established, at: "fe80::1", port: 80).to("fe80::2", 5000).bound(to: 1)
        ])
        let row = cells(try stage.lines()[1])
        #expect(row[1...2] == ["[fe80::1%lo]:80", "[fe80::2%lo]:5000"])
    }

    @Test func theInterfaceOfABoundSocketIsAtTheLocalAddress() throws {
        let stage = try Stage([
            .row(.listen, at: "0.0.0.0", port: 67).bound(to: 1),
            .row(.listen, at: "::", port: 67).bound(to: 1),
        ])
        let rows = try stage.lines().dropFirst().map { cells($0)[1...2].joined(separator: " ") }
        #expect(rows == ["0.0.0.0%lo:67 0.0.0.0:*", "[::%lo]:67 [::]:*"])
    }

    @Test func aRemovedInterfaceIsShownByNumber() throws {
        let stage = try Stage([
            .row(.established, at: "fe80::1", port: 80).bound(to: 4_000_000)
        ])
        #expect(cells(try stage.lines()[1])[1] == "[fe80::1%4000000]:80")
    }

    @Test func anOffloadedConnectionIsShownAsOffloaded() throws {
        let stage = try Stage([.row(.established, tls: KernelTLS(.device, .device))])
        #expect(cells(try stage.lines()[1]).last == "offloaded")
    }

    @Test(arguments: ["two  gaps", " ", "-", "(protected)", "a\u{1B}[1mb", "日本語  x", "tab\t\t"])
    func aNameIsNeverSplitIntoColumns(_ name: String) throws {
        let stage = try Stage([.row(.established, inode: 5)])
        try stage.host.put(9, .init(executable: "/opt/\(name)", sockets: [3: 5]))
        let row = cells(try stage.lines()[1])
        #expect(row.count == 8)
        #expect(row[5] == "9")
        #expect(row[6...7].allSatisfy { $0 != "-" && !$0.hasPrefix("(") })
    }

    @Test func offloadIsShownOnlyWhereItDiffers() throws {
        let plain = try Stage([.row(.established, tls: KernelTLS(.software, .software))])
        #expect(try !plain.lines()[0].contains("OFFLOAD"))
        let offloaded = try Stage([.row(.established, tls: KernelTLS(.device, .device)), .row()])
        #expect(
            try offloaded.lines().map { cells($0).last } == ["OFFLOAD", "offloaded", "in_host"])
    }

    /// The kernel cuts names at 15 bytes.
    @Test func aProgramIsCalledAsItCallsItselfAndInFull() throws {
        let stage = try Stage([.row(port: 1, inode: 1), .row(port: 2, inode: 2)])
        try stage.host.put(
            7, .init(command: "worker", executable: "/usr/bin/python3.11", sockets: [3: 1]))
        try stage.host.put(
            8, .init(executable: "/usr/bin/prometheus-node-exporter", sockets: [3: 2]))
        #expect(
            try stage.lines().dropFirst().map { cells($0)[6] }
                == ["worker", "prometheus-node-exporter"])
    }

    @Test func anEmptyTableIsAHeader() throws {
        let lines = try Stage().lines()
        #expect(lines == ["STATE  LOCAL  REMOTE  RECV-Q  SEND-Q  PID  PROGRAM  MODULE"])
    }

    @Test func anInterruptedDumpIsAProblem() throws {
        let stage = try Stage()
        stage.script.next.outcome.isInterrupted = true
        let said = DumpOutcome(isInterrupted: true).problems
        #expect(try stage.read().problems == said)
        #expect(try stage.read { $0.summary = .state }.problems == said)
    }

    @Test func offloadStatesThatTheKernelHidesAreUnknown() throws {
        let stage = try Stage()
        stage.script.next.rows = [.row(.established, inode: 7)]
        stage.script.next.outcome = DumpOutcome(offloadProblem: .capabilityMissing)
        let listing = try stage.read()
        #expect(listing.problems.contains { $0.contains("CAP_NET_ADMIN") })
        #expect(try !stage.lines()[0].contains("OFFLOAD"))
        #expect(try stage.objects()[0]["offload_state"] is NSNull)
        #expect(try stage.read { $0.summary = .state }.offloadProblem != nil)
    }

    @Test func askingForHiddenOffloadStatesIsAnError() throws {
        let stage = try Stage()
        stage.script.next.outcome = DumpOutcome(offloadProblem: .capabilityMissing)
        let failure = ListingError.offloadHidden(OffloadProblem.capabilityMissing.description)
        #expect(throws: failure) { try stage.read { $0.summary = .offload } }
        #expect(throws: failure) { try stage.read { $0.filter.offloadStates = [.inHost] } }
        #expect(throws: failure) {
            try stage.read {
                $0.summary = .state
                $0.filter.offloadStates = [.offloaded]
            }
        }
    }

    @Test(arguments: [nil] + ListingOptions.Summary.allCases)
    func aTableThatCannotBeReadIsAFailure(_ summary: ListingOptions.Summary?) throws {
        let stage = try Stage()
        stage.script.next.error = .unavailable(.noSuchFileOrDirectory)
        #expect(throws: ListingError.table(.notSupported(.noSuchFileOrDirectory))) {
            try stage.read { $0.summary = summary }
        }
    }
}
