import Foundation
import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct SummaryTests {
    private static func stage() throws -> Stage {
        let stage = try Stage([
            .row(.listen, port: 1, inode: 1), .row(.established, port: 2, inode: 2),
            .row(.established, at: "::1", port: 3, inode: 3),
            .row(.closeWait, port: 4, inode: 4), .row(.timeWait, port: 5), .row(.timeWait, port: 6),
            .row(.established, port: 7, inode: 7, tls: KernelTLS(.device, .device)),
            .row(.established, port: 8, inode: 88),
        ])
        try stage.host.put(
            10, .init(cgroups: [":/system.slice/web.service"], sockets: [3: 1, 4: 2, 5: 3, 6: 4]))
        try stage.host.put(11, .init(executable: "/bin/tool", sockets: [3: 7]))
        return stage
    }

    @Test func modulesAreSortedByTotal() throws {
        #expect(
            try Self.stage().lines { $0.summary = .module } == [
                "MODULE       KIND     LISTEN  ESTABLISHED  CLOSE_WAIT  TIME_WAIT  TOTAL",
                "web.service  service       1            2           1          0      4",
                "(not_found)  -             0            0           0          2      2",
                "tool         process       0            1           0          0      1",
                "(kernel)     -             0            1           0          0      1",
            ])
    }

    @Test func statesAreCountedByFamily() throws {
        let lines = try Self.stage().lines { $0.summary = .state }
        #expect(lines.count == 12)
        #expect(lines[0] == "STATE        IPV4  IPV6  TOTAL")
        #expect(lines[5] == "established     3     1      4")
        #expect(lines[11] == "time_wait       2     0      2")
    }

    @Test func offloadStatesAreCountedByFamily() throws {
        #expect(
            try Self.stage().lines { $0.summary = .offload } == [
                "OFFLOAD     IPV4  IPV6  TOTAL", "in_host        6     1      7",
                "offloading     0     0      0", "offloaded      1     0      1",
                "uploading      0     0      0",
            ])
    }

    /// Netlink does not tell what the device has handed back.
    @Test(arguments: [nil, false, true] as [Bool?])
    func whatIsHandedBackIsCountedWhereItIsKnown(_ isHandedBack: Bool?) throws {
        let tls = KernelTLS(.device, .device, isHandedBack: isHandedBack)
        let stage = try Stage([.row(.established, tls: tls)])
        let objects = try stage.objects { $0.summary = .offload }
        let lines = try stage.lines { $0.summary = .offload }
        #expect(lines.contains("uploading      -     -      -") == (isHandedBack == nil))
        let expected: [(state: String, count: Int?)] = [
            ("in_host", 0), ("offloading", 0), ("offloaded", isHandedBack == true ? 0 : 1),
            ("uploading", isHandedBack.map { $0 ? 1 : 0 }),
        ]
        for (state, count) in expected {
            let object = try #require(objects.first { $0["offload_state"] as? String == state })
            #expect(object["total"] as? Int == count, "\(state)")
            #expect((object["ipv4"] is NSNull) == (count == nil), "\(state)")
        }
    }

    @Test(arguments: ListingOptions.Summary.allCases)
    func theSumIsTheNumberOfRows(_ summary: ListingOptions.Summary) throws {
        let stage = try Self.stage()
        let filters: [(inout RowFilter) -> Void] = [
            { _ in }, { $0.states = [.established] }, { $0.modules = ["web.service"] },
            { $0.families = [.ipv6] }, { $0.processes = [11] }, { $0.modules = ["nobody"] },
        ]
        for filter in filters {
            let objects = try stage.objects {
                $0.summary = summary; filter(&$0.filter)
            }
            let total = objects.compactMap { $0["total"] as? Int }.reduce(0, +)
            #expect(total == (try stage.objects { filter(&$0.filter) }.count))
        }
    }

    @Test func objectsHaveTheSameCounts() throws {
        let modules = try Self.stage().objects { $0.summary = .module }
        #expect(modules[0]["module"] as? String == "web.service")
        #expect(modules[0]["kind"] as? String == "service")
        #expect(
            modules[0]["states"] as? [String: Int]
                == ["listen": 1, "established": 2, "close_wait": 1, "time_wait": 0])
        #expect(modules[1]["reason"] as? String == "not_found")
        let states = try Self.stage().objects { $0.summary = .state }
        #expect(states[4]["state"] as? String == "established")
        #expect(states[4]["ipv4"] as? Int == 3 && states[4]["ipv6"] as? Int == 1)
        let offload = try Self.stage().objects { $0.summary = .offload }
        #expect(offload[2]["offload_state"] as? String == "offloaded")
    }

    @Test func anInterruptedAttemptIsNotCounted() throws {
        let stage = try Self.stage()
        stage.script.next.abandonedAttempts = [[.row(.listen), .row(.closing)]]
        for summary in ListingOptions.Summary.allCases {
            let objects = try stage.objects { $0.summary = summary }
            #expect(objects.compactMap { $0["total"] as? Int }.reduce(0, +) == 8)
        }
    }
}
