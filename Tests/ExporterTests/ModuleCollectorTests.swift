import Exporter
import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

private let family = "tcptable_module_connections"

struct ModuleCollectorTests {
    @Test func connectionsStandUnderTheirModule() throws {
        let stage = try Stage()
        let id = String(repeating: "0123456789abcdef", count: 4)
        try stage.host.add(
            10, executable: "/usr/sbin/nginx", cgroup: "/system.slice/nginx.service", sockets: [100]
        )
        try stage.host.add(
            20, executable: "/app", cgroup: "/system.slice/docker-\(id).scope", sockets: [200, 201])
        try stage.host.add(30, executable: "/usr/bin/ssh", sockets: [300])
        try stage.host.add(40, executable: nil, command: "nameless", sockets: [400])
        let text = try stage.scrape(
            ([100, 200, 201, 300, 400] as [UInt32]).map { .row(.established, inode: $0) })
        #expect(
            spelled(text) == [
                "docker-0123456789ab container established 2", "nameless process established 1",
                "nginx.service service established 1", "ssh process established 1",
            ])
        #expect(
            text.samples("tcptable_module_info").map { $0["path"] } == [
                "/app", "", "/usr/sbin/nginx", "/usr/bin/ssh",
            ])
    }

    @Test func whatHasNoOwnerStandsUnderTheReason() throws {
        let text = try scrape([
            .row(.timeWait), .row(.timeWait), .row(.finWait2), .row(.established, inode: 999),
        ])
        #expect(unattributed(text, "not_found", "time_wait") == 2)
        #expect(unattributed(text, "not_found", "fin_wait2") == 1)
        #expect(unattributed(text, "partial", "established") == 1)
        #expect(text.sum("tcptable_unattributed_connections") == 4)
    }

    @Test func whatWaitsToBeAcceptedIsTheListeners() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/web", sockets: [100])
        let text = try stage.scrape([
            .row(.synRecv, port: 80), .row(.established, port: 80), .row(.closeWait, port: 80),
            .row(.finWait1, port: 80), .row(.synRecv, port: 81),
            .row(.listen, at: "0.0.0.0", port: 80, inode: 100),
        ])
        #expect(
            spelled(text) == [
                "web process close_wait 1", "web process established 1", "web process listen 1",
                "web process syn_recv 1",
            ])
        #expect(unattributed(text, "not_found", "fin_wait1") == 1)
        #expect(unattributed(text, "not_found", "syn_recv") == 1)
    }

    @Test func aStateOnceSeenStaysAtZeroWhileTheModuleLives() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/client", sockets: [100])
        _ = try stage.scrape([.row(.established, inode: 100)])
        let later = ["client process close_wait 1", "client process established 0"]
        #expect(spelled(try stage.scrape([.row(.closeWait, inode: 100)])) == later)
        let idle = ["client process close_wait 0", "client process established 0"]
        #expect(spelled(try stage.scrape([])) == idle)
        #expect(spelled(try stage.scrape([])) == idle)
        #expect(try stage.scrape([]).samples("tcptable_module_info").count == 1)
    }

    @Test func aModulesSeriesVanishWithIt() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/client", sockets: [100])
        _ = try stage.scrape([.row(.established, inode: 100)])
        try stage.host.end(10)
        let gone = try stage.scrape([])
        #expect(gone.samples(family).isEmpty)
        #expect(gone.samples("tcptable_module_info").isEmpty)
        #expect(gone.samples("tcptable_module_send_queue_bytes").isEmpty)
    }

    @Test func aModuleThatComesBackBeginsAnew() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/client", sockets: [100])
        _ = try stage.scrape([.row(.established, inode: 100)])
        try stage.host.end(10)
        _ = try stage.scrape([])
        try stage.host.add(11, executable: "/bin/client", sockets: [110])
        let text = try stage.scrape([.row(.listen, inode: 110)])
        #expect(spelled(text) == ["client process listen 1"])
    }

    @Test func aModulesPathFollowsItsProcess() throws {
        let stage = try Stage()
        let cgroup = "/system.slice/app.service"
        try stage.host.add(10, executable: "/opt/v1/app", cgroup: cgroup, sockets: [100])
        _ = try stage.scrape([.row(.listen, inode: 100)])
        try stage.host.end(10)
        try stage.host.add(11, executable: "/opt/v2/app", cgroup: cgroup, sockets: [110])
        let text = try stage.scrape([.row(.listen, inode: 110)])
        #expect(text.samples("tcptable_module_info").map { $0["path"] } == ["/opt/v2/app"])
    }

    @Test func pathsStayPrivateWhereTheyAreOff() throws {
        let stage = try Stage { $0.modulePathByteCountMax = 0 }
        try stage.host.add(10, executable: "/opt/secret/app", sockets: [100])
        let text = try stage.scrape([.row(.listen, inode: 100)])
        let samples = text.samples("tcptable_module_info")
        #expect(samples.map { $0["module"] } == ["app"])
        #expect(samples.map { $0["path"] } == [""])
    }

    @Test func noNameForgesALineOrALabel() throws {
        let names = [
            "a\"} 1\nforged{x=\"", "back\\slash", "new\nline", "tab\tbell\u{7}", "e\u{301}",
            "other", "{}", "\u{FFFD}", " ",
        ]
        let stage = try Stage()
        for (index, name) in names.enumerated() {
            let number = UInt32(100 + index)
            try stage.host.add(Int32(number), executable: "/bin/" + name, sockets: [number])
        }
        let text = try stage.scrape(
            names.indices.map { .row(.established, inode: UInt32(100 + $0)) })
        #expect(Set(text.samples(family).map { $0["module"] }) == Set(names))
        #expect(text.samples(family).count == names.count)
    }

    private func unattributed(_ text: MetricsText, _ reason: String, _ state: String) -> Double? {
        text.value("tcptable_unattributed_connections", ["reason": reason, "state": state])
    }

    private func spelled(_ text: MetricsText) -> [String] {
        text.samples(family).map {
            "\($0["module"]) \($0["kind"]) \($0["state"]) \(Int($0.value))"
        }
    }
}
