import TableFakes
import Testing

@testable import Procfs
@testable import SockDiag
@testable import TCPModel

struct TCPConnectionTests {
    @Test func aRowSaysWhatItsMessageSays() throws {
        let connection = try TCPConnection(message)
        #expect(connection.family == .ipv4)
        #expect(connection.state == .established)
        #expect(connection.localAddress.description == "127.0.0.1")
        #expect(connection.localPort == 80)
        #expect(connection.remoteAddress.description == "127.0.0.2")
        #expect(connection.remotePort == 40_000)
        #expect(connection.receiveQueue == 7)
        #expect(connection.sendQueue == 8)
        #expect(connection.userID == 1000)
        #expect(connection.inode == SocketInode(rawValue: 12))
        #expect(connection.cookie == 13)
        #expect(connection.cgroup == CgroupID(rawValue: 14))
        #expect(connection.tls == nil)
        #expect(connection.offloadState == .inHost)
    }

    @Test func inodeZeroIsNone() throws {
        var message = message
        message.inode = 0
        message.cgroupID = nil
        let connection = try TCPConnection(message)
        #expect(connection.inode == nil)
        #expect(connection.cgroup == nil)
    }

    @Test func onlyKernelTLSIsKeptOfUpperLayerProtocols() throws {
        var message = message
        message.upperLayerProtocol = .other
        #expect(try TCPConnection(message).tls == nil)
        message.upperLayerProtocol = .tls(KernelTLSInfo(transmit: 3, receive: 2))
        #expect(try TCPConnection(message).tls?.transmit == .device)
        #expect(try TCPConnection(message).offloadState == .offloaded)
    }

    @Test(arguments: 1...13)
    func everyStateOfTheKernelIsAState(_ number: UInt8) throws {
        var message = message
        message.state = number
        let expected: TCPState? = [12: .synRecv, 13: .close][number] ?? TCPState(rawValue: number)
        #expect(try TCPConnection(message).state == expected)
    }

    @Test(arguments: [UInt8(0), 14, 15, 127, 255])
    func anotherStateIsAnError(_ number: UInt8) {
        var message = message
        message.state = number
        #expect(throws: DecodeError.unknownValue(field: "idiag_state", value: Int(number))) {
            try TCPConnection(message)
        }
    }

    @Test(arguments: [UInt8(0), 1, 3, 9, 11, 255])
    func anotherFamilyIsAnError(_ number: UInt8) {
        var message = message
        message.family = number
        #expect(throws: DecodeError.unknownValue(field: "idiag_family", value: Int(number))) {
            try TCPConnection(message)
        }
    }
}

/// A message with another number in each field.
private let message = InetDiagMessage(
    family: 2, state: 1,
    source: TCPEndpoint(address: IPAddress("127.0.0.1").words, port: 80),
    destination: TCPEndpoint(address: IPAddress("127.0.0.2").words, port: 40_000),
    interfaceIndex: 3, cookie: 13, receiveQueue: 7, sendQueue: 8, userID: 1000, inode: 12,
    cgroupID: 14, upperLayerProtocol: nil)
