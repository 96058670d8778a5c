import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    /// What a server leaves of other servers' socket files.
    @Suite struct SocketFiles {
        private let path = FileManager.default.temporaryDirectory
            .appending(path: "tcptable-\(UUID().uuidString.prefix(8)).sock").path

        /// A file as a killed server leaves it.
        private func leaveDesertedFile() throws {
            let path = try #require(UnixSocketPath(path))
            let socket = try ListeningSocket(family: AF_UNIX)
            try socket.bind(to: SocketAddress(path))
        }

        /// So often, because without turns it goes wrong in one round of some hundreds.
        @Test(.slow) func oneOfManyThatStartAtOnceReplacesADesertedFile() throws {
            let address = "unix:\(path)"
            for _ in 0..<1000 {
                try leaveDesertedFile()
                let outcomes = Mutex<[Result<TestServer, any Error>]>([])
                DispatchQueue.concurrentPerform(iterations: 8) { _ in
                    let outcome = Result { try TestServer(on: address, [hello]) }
                    outcomes.withLock { $0.append(outcome) }
                }
                let started = outcomes.withLock { $0.compactMap { try? $0.get() } }
                #expect(started.count == 1)
                #expect(FileManager.default.fileExists(atPath: path))
                for server in started { server.server.stop() }
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }

        @Test func aLockedDirectoryKeepsNobodyFromStarting() throws {
            let path = try #require(UnixSocketPath(path))
            let lock = try #require(DirectoryLock(of: path))
            defer { lock.unlock() }
            #expect(DirectoryLock(of: path) == nil)
            let socket = try ListeningSocket(on: ListenAddress(.unix(path, mode: 0o600)))
            #expect(socket.boundAddress.description == "unix:\(path.text)")
        }

        @Test func aFreedLockCanBeHadAgain() throws {
            let path = try #require(UnixSocketPath(path))
            for _ in 0..<2 {
                let lock = try #require(DirectoryLock(of: path))
                lock.unlock()
            }
        }

        @Test(arguments: [".", "/"]) func aPathsDirectoryIsWhatItNames(_ directory: String) throws {
            let name = directory == "/" ? "/x.sock" : "x.sock"
            let path = try #require(UnixSocketPath(name))
            let lock = try #require(DirectoryLock(of: path))
            defer { lock.unlock() }
            let same = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(same) }
            #expect(flock(same, LOCK_EX | LOCK_NB) == -1)
        }
    }
}
