import Foundation
import Linux
import SystemPackage
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    /// What a server leaves of other servers' socket files.
    @Suite struct SocketFiles {
        private let path = FileManager.default.temporaryDirectory
            .appending(path: "tcptable-\(UUID().uuidString.prefix(8)).sock").path

        private var exists: Bool { FileManager.default.fileExists(atPath: path) }

        @Test func aStaleFileIsReplacedAndRemovedAtTheEnd() throws {
            let address = try #require(SocketAddress(unixPath: path))
            do { try Descriptor(streamSocket: AF_UNIX).bind(to: address) }
            #expect(exists)
            let server = try TestServer(on: "unix:\(path)", [hello])
            #expect(exists)
            server.server.stop()
            #expect(!exists)
        }

        @Test func aFileAtWhichSomebodyListensIsLeftAlone() throws {
            let first = try TestServer(on: "unix:\(path)", [hello])
            let address = try ListenAddress(parsing: "unix:\(path)")
            #expect(throws: MetricsServerError.cannotListen(address, .addressInUse)) {
                _ = try TestServer(on: "unix:\(path)", [hello])
            }
            #expect(exists)
            first.server.stop()
        }

        @Test func aFileThatIsNoSocketIsLeftAlone() throws {
            try Data().write(to: URL(filePath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let address = try ListenAddress(parsing: "unix:\(path)")
            #expect(throws: MetricsServerError.cannotListen(address, .fileExists)) {
                _ = try TestServer(on: "unix:\(path)", [hello])
            }
            #expect(exists)
        }

        @Test func aFileThatHasTakenTheOldOnesPlaceIsLeftAlone() throws {
            let server = try TestServer(on: "unix:\(path)", [hello])
            try FileManager.default.removeItem(atPath: path)
            let other = try TestServer(on: "unix:\(path)", [hello])
            server.server.stop()
            #expect(exists)
            other.server.stop()
            #expect(!exists)
        }
    }
}
