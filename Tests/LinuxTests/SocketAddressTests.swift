import Glibc
import Testing

@testable import Linux

struct SocketAddressTests {
    @Test func aHostHasANumericAddressAndAPort() throws {
        for host in ["127.0.0.1", "::1"] {
            let address = try SocketAddress(host: host, port: 80)
            let numeric = try #require(address.numericHost)
            #expect(numeric == (host, 80))
        }
    }

    @Test func aHostWithoutAnAddressIsExplained() {
        #expect(throws: SocketAddress.ResolutionError.self) {
            _ = try SocketAddress(host: "host.invalid", port: 80)
        }
    }

    @Test(arguments: ["/run/x", "80", String(repeating: "x", count: 107)])
    func aPathComesBackAndIsNoHost(_ path: String) throws {
        let address = try #require(SocketAddress(unixPath: path))
        #expect(address.family == AF_UNIX)
        #expect(address.unixName == Array(path.utf8))
        #expect(address.numericHost == nil)
    }

    @Test func aPathThatIsTooLongIsNoAddress() {
        #expect(SocketAddress(unixPath: String(repeating: "x", count: 108)) == nil)
        #expect(SocketAddress(abstractUnixName: Array(repeating: 1, count: 108)) == nil)
    }

    @Test func theKernelSaysWhatASocketIsBoundTo() throws {
        let socket = try Descriptor(socket: AF_UNIX, SOCK_STREAM)
        #expect(try SocketAddress(boundBy: socket).unixName == [])
        let name = Array("tcptable-test-\(getpid())".utf8)
        let address = try #require(SocketAddress(abstractUnixName: name))
        let number = socket.rawValue
        _ = try unsafe address.withPointer { address, byteCount in
            try systemCall { unsafe bind(number, address, byteCount) }
        }
        #expect(try SocketAddress(boundBy: socket).unixName == [0] + name)
    }

    @Test func aStructureOfCsComesBack() {
        var internet = sockaddr_in()
        internet.sin_family = sa_family_t(AF_INET)
        internet.sin_port = 42
        let address = SocketAddress(internet)
        #expect(address.family == AF_INET)
        #expect(address.bytes.count == MemoryLayout<sockaddr_in>.size)
        #expect(address.load(as: sockaddr_in.self).sin_port == 42)
    }
}
