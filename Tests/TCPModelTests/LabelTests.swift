import TableFakes
import Testing

@testable import SockDiag
@testable import TCPModel

/// What numbers and labels mean, as tables.
struct LabelTests {
    /// The numbers of include/net/tcp_states.h; the spellings of node_exporter's tcpstat collector.
    @Test(arguments: [
        (TCPState.established, UInt8(1), "established"), (.synSent, 2, "syn_sent"),
        (.synRecv, 3, "syn_recv"), (.finWait1, 4, "fin_wait1"), (.finWait2, 5, "fin_wait2"),
        (.timeWait, 6, "time_wait"), (.close, 7, "close"), (.closeWait, 8, "close_wait"),
        (.lastAck, 9, "last_ack"), (.listen, 10, "listen"), (.closing, 11, "closing"),
    ])
    func aStateHasTheKernelsNumberAndTheUsualName(
        _ state: TCPState, _ number: UInt8, _ label: String
    ) {
        #expect(state.rawValue == number)
        #expect(state.label.description == label)
    }

    @Test func indicesAreDense() {
        #expect(TCPState.allCases.map(\.index).sorted() == Array(0..<TCPState.count))
        #expect(AddressFamily.allCases.map(\.index).sorted() == Array(0..<AddressFamily.count))
        #expect(OffloadState.allCases.map(\.index).sorted() == Array(0..<OffloadState.count))
    }

    @Test func aFamilyIsNamedAfterItsProtocol() {
        #expect(AddressFamily.allCases.map(\.label.description) == ["ipv4", "ipv6"])
    }

    /// The numbers are those of Windows' TCP_CONNECTION_OFFLOAD_STATE.
    @Test(arguments: [
        (OffloadState.inHost, UInt8(0), "in_host"), (.offloading, 1, "offloading"),
        (.offloaded, 2, "offloaded"), (.uploading, 3, "uploading"),
    ])
    func anOffloadStateHasWindowsNumber(_ state: OffloadState, _ number: UInt8, _ label: String) {
        #expect(state.rawValue == number)
        #expect(state.label.description == label)
    }

    @Test(arguments: [
        (UInt16(1), "none"), (2, "software"), (3, "device"), (4, "device_record"),
        (0, "unknown"), (5, "unknown"), (256, "unknown"), (258, "unknown"), (65535, "unknown"),
    ])
    func aModeHasANameEvenIfUnknown(_ number: UInt16, _ label: String) {
        let tls = KernelTLS(KernelTLSInfo(transmit: number, receive: 2))
        #expect(tls.transmit.label.description == label)
        #expect(tls.receive == .software)
        #expect(KernelTLS(KernelTLSInfo(receive: number)).receive.label.description == label)
    }

    @Test(arguments: [
        (UInt16(0x0303), "1.2"), (0x0304, "1.3"), (0, "unknown"), (0x0302, "unknown"),
        (0x0305, "unknown"), (0xFFFF, "unknown"),
    ])
    func aVersionHasAName(_ number: UInt16, _ label: String) {
        #expect(KernelTLS(KernelTLSInfo(version: number)).version.label.description == label)
    }

    @Test(arguments: [
        (UInt16(51), "aes-gcm-128"), (52, "aes-gcm-256"), (53, "aes-ccm-128"),
        (54, "chacha20-poly1305"), (55, "sm4-gcm"), (56, "sm4-ccm"), (57, "aria-gcm-128"),
        (58, "aria-gcm-256"), (0, "unknown"), (50, "unknown"), (59, "unknown"), (65535, "unknown"),
    ])
    func aCipherHasAName(_ number: UInt16, _ label: String) {
        #expect(KernelTLS(KernelTLSInfo(cipher: number)).cipher.label.description == label)
    }

    @Test func whatKernelTLSDoesNotSayIsUnknown() {
        let tls = KernelTLS(KernelTLSInfo())
        #expect(tls.version.label.description == "unknown")
        #expect(tls.cipher.label.description == "unknown")
        #expect([tls.transmit, tls.receive] == [.unknown, .unknown])
    }
}

struct OffloadStateTests {
    @Test func withoutKernelTLSTheHostDoesTheWork() {
        #expect(OffloadState(nil) == .inHost)
    }

    /// Each pair of modes once; what sends and what receives may be swapped.
    @Test(arguments: [
        (KernelTLS.Mode.none, KernelTLS.Mode.none, OffloadState.inHost),
        (.none, .software, .inHost), (.none, .unknown, .inHost),
        (.software, .software, .inHost), (.software, .unknown, .inHost),
        (.unknown, .unknown, .inHost),
        (.none, .device, .offloading), (.none, .deviceRecord, .offloading),
        (.device, .software, .offloaded), (.device, .unknown, .offloaded),
        (.device, .device, .offloaded), (.device, .deviceRecord, .offloaded),
        (.deviceRecord, .software, .offloaded), (.deviceRecord, .unknown, .offloaded),
        (.deviceRecord, .deviceRecord, .offloaded),
    ])
    func theModesOfBothDirectionsDecide(
        _ one: KernelTLS.Mode, _ other: KernelTLS.Mode, _ state: OffloadState
    ) {
        #expect(OffloadState(tls(one, other)) == state)
        #expect(OffloadState(tls(other, one)) == state)
    }

    @Test func whatTheDeviceHasHandedBackIsUploading() {
        for one in KernelTLS.Mode.allCases {
            for other in KernelTLS.Mode.allCases {
                var tls = tls(one, other)
                tls.isHandedBack = true
                let isOnDevice = one.isOnDevice || other.isOnDevice
                #expect(OffloadState(tls) == (isOnDevice ? .uploading : .inHost))
            }
        }
    }

    @Test func noPairIsLeftOut() {
        let pairs = KernelTLS.Mode.allCases.count
        #expect(pairs * (pairs + 1) / 2 == 15)
    }

    private func tls(_ transmit: KernelTLS.Mode, _ receive: KernelTLS.Mode) -> KernelTLS {
        var tls = KernelTLS(KernelTLSInfo())
        tls.transmit = transmit
        tls.receive = receive
        return tls
    }
}
