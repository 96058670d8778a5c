import Exporter
import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

private let onDevice = KernelTLS(.device, .device)
private let inSoftware = KernelTLS(.software, .software)
private let halfKeyed = KernelTLS(.device, .none)

struct OffloadCollectorTests {
    private let rows: [TCPConnection] = [
        .row(.established, inode: 100, tls: onDevice),
        .row(.established, inode: 101, tls: inSoftware),
        .row(.established, at: "::1", inode: 102, tls: halfKeyed),
        .row(.established, inode: 103), .row(.listen, inode: 104), .row(.timeWait),
        .row(.established, inode: 200, tls: inSoftware), .row(.established, inode: 201),
    ]

    private func stage(_ collectors: Set<CollectorName>) throws -> Stage {
        let stage = try Stage(collectors)
        try stage.host.add(10, executable: "/bin/accelerated", sockets: [100, 101, 102, 103, 104])
        try stage.host.add(20, executable: "/bin/plain", sockets: [200, 201])
        return stage
    }

    @Test func everyRowIsCountedByFamilyAndOffloadState() throws {
        let text = try stage(Set(CollectorName.allCases)).scrape(rows)
        let expected: [(String, String, Double)] = [
            ("ipv4", "in_host", 6), ("ipv4", "offloaded", 1), ("ipv4", "offloading", 0),
            ("ipv4", "uploading", 0), ("ipv6", "in_host", 0), ("ipv6", "offloaded", 0),
            ("ipv6", "offloading", 1), ("ipv6", "uploading", 0),
        ]
        for (family, state, count) in expected {
            let labels = ["family": family, "offload_state": state]
            #expect(text.value("tcptable_offload_connections", labels) == count)
        }
    }

    @Test func onlyModulesWithSomethingNotInHostHaveSeries() throws {
        let text = try stage(Set(CollectorName.allCases)).scrape(rows)
        #expect(
            spelled(text) == [
                "accelerated in_host 3", "accelerated offloaded 1", "accelerated offloading 1",
                "accelerated uploading 0",
            ])
    }

    @Test func whatTheDeviceHasHandedBackIsUploading() throws {
        let stage = try stage(Set(CollectorName.allCases))
        let text = try stage.scrape(
            rows + [
                .row(
                    .established, inode: 103, tls: KernelTLS(.device, .none, isHandedBack: true))
            ])
        let labels = ["family": "ipv4", "offload_state": "uploading"]
        #expect(text.value("tcptable_offload_connections", labels) == 1)
        #expect(spelled(text).last == "accelerated uploading 1")
    }

    /// Netlink does not tell what was handed back: 0 would be a guess.
    @Test func whereThatIsNotKnownNoneIsWritten() throws {
        let unknown = KernelTLS(.device, .software, isHandedBack: nil)
        let stage = try stage(Set(CollectorName.allCases))
        let text = try stage.scrape(rows + [.row(.established, inode: 103, tls: unknown)])
        let states = text.samples("tcptable_offload_connections").map { $0["offload_state"] }
        #expect(Set(states) == ["in_host", "offloading", "offloaded"])
        #expect(!spelled(text).contains { $0.contains("uploading") })
        let software = KernelTLS(.software, .none, isHandedBack: nil)
        let other = try stage.scrape([.row(.established, inode: 103, tls: software)])
        let labels = ["family": "ipv4", "offload_state": "uploading"]
        #expect(other.value("tcptable_offload_connections", labels) == 0)
    }

    @Test func withoutTheModuleCollectorWhatIsInHostIsNotKnownAndNotWritten() throws {
        let collectors = Set(CollectorName.allCases).subtracting([.module])
        let text = try stage(collectors).scrape(rows)
        #expect(
            spelled(text) == [
                "accelerated offloaded 1", "accelerated offloading 1", "accelerated uploading 0",
            ])
    }

    @Test func directionsOfKernelTLSAreCountedByWhatTheySay() throws {
        let text = try scrape([
            .row(.established, tls: onDevice), .row(.established, tls: onDevice),
            .row(.established, tls: KernelTLS(.software, .device, version: 0x0303, cipher: 54)),
            .row(.established),
        ])
        #expect(
            tls(text) == [
                "receive device 1.2 chacha20-poly1305 1", "receive device 1.3 aes-gcm-128 2",
                "transmit device 1.3 aes-gcm-128 2", "transmit software 1.2 chacha20-poly1305 1",
            ])
    }

    @Test func unknownVersionsAndCiphersShareTheirSeries() throws {
        let text = try scrape([
            .row(.established, tls: KernelTLS(.software, .software, version: 0x0999, cipher: 900)),
            .row(.established, tls: KernelTLS(.software, .software, version: nil, cipher: nil)),
            .row(.established, tls: KernelTLS(.unknown, .none, version: 0x0305, cipher: 901)),
        ])
        #expect(
            tls(text) == [
                "receive none unknown unknown 1", "receive software unknown unknown 2",
                "transmit software unknown unknown 2", "transmit unknown unknown unknown 1",
            ])
    }

    @Test func theKernelsEventsAreCountersAndUnknownOnesPassedOver() throws {
        let stage = try Stage()
        let names = [
            "TlsCurrTxSw", "TlsCurrRxSw", "TlsCurrTxDevice", "TlsCurrRxDevice", "TlsTxSw",
            "TlsRxSw",
            "TlsTxDevice", "TlsRxDevice", "TlsDecryptError", "TlsRxDeviceResync", "TlsDecryptRetry",
            "TlsRxNoPadViolation", "TlsRxRekeyOk", "TlsRxRekeyError", "TlsTxRekeyOk",
            "TlsTxRekeyError", "TlsRxRekeyReceived", "TlsSomethingNew",
        ]
        let lines = names.enumerated().map { "\($1)   \t\($0 + 1)\n" }
        try stage.host.set(tlsStatistics: lines.joined())
        let text = try stage.scrape([])
        #expect(
            counters(text) == [
                "decrypt_errors 9", "decrypt_retries 11", "device_resyncs 10",
                "padding_violations 12", "rekeys_received 17", "rekeys receive error 14",
                "rekeys receive ok 13",
                "rekeys transmit error 16", "rekeys transmit ok 15",
                "sessions receive device 8", "sessions receive software 6",
                "sessions transmit device 7", "sessions transmit software 5",
            ])
    }

    @Test func withoutTheModuleNothingHasHappenedYet() throws {
        let counters = counters(try scrape([]))
        #expect(counters.count == 13)
        #expect(counters.allSatisfy { $0.hasSuffix(" 0") })
    }

    private func counters(_ text: MetricsText) -> [String] {
        let names = text.names.filter { $0.hasPrefix("tcptable_tls_") && $0.hasSuffix("_total") }
        return names.flatMap { name in
            text.samples(name).map { sample in
                let event = name.dropFirst("tcptable_tls_".count).dropLast("_total".count)
                let labels = sample.labels.map(\.value)
                return ([String(event)] + labels + [String(Int(sample.value))])
                    .joined(separator: " ")
            }
        }
    }

    private func spelled(_ text: MetricsText) -> [String] {
        text.samples("tcptable_module_offload_connections").map {
            "\($0["module"]) \($0["offload_state"]) \(Int($0.value))"
        }
    }

    private func tls(_ text: MetricsText) -> [String] {
        text.samples("tcptable_tls_connections").map {
            "\($0["direction"]) \($0["mode"]) \($0["version"]) \($0["cipher"]) \(Int($0.value))"
        }
    }
}
