import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Listening on Unix sockets and on passed sockets.
    @Suite(.requires(.curl)) struct Listeners {
        private let directory: TemporaryDirectory
        private let path: String

        init() throws {
            directory = try TemporaryDirectory()
            path = directory.path + "/exporter.sock"
        }

        private func get(_ target: String, _ options: [String] = []) throws -> ProcessResult {
            try run(
                "curl",
                ["-sS", "-f", "--unix-socket", path] + options + ["http://localhost\(target)"])
        }

        private func mode() throws -> UInt16 {
            var status = stat()
            try #require(unsafe lstat(path, &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            return UInt16(status.st_mode & 0o777)
        }

        @Test func aSocketFileServesWhatAPortDoes() throws {
            let exporter = try RunningExporter(listening: ["unix:\(path)"])
            #expect(exporter.addresses == ["unix:\(path)"])
            let metrics = try MetricsText(Array(try get("/metrics").standardOutput.utf8))
            #expect(metrics.conservationBreaches == [])
            #expect(try get("/").standardOutput.hasPrefix("<!DOCTYPE html>"))
            #expect(try get("/metrics", ["--head"]).standardOutput.hasPrefix("HTTP/1.1 200"))
            #expect(try get("/-/healthy").status == .exited(0))
        }

        @Test(arguments: [("", 0o660), (",mode=0600", 0o600), (",mode=0666", 0o666)])
        func itHasTheRequestedModeWhateverTheMask(_ option: String, _ expected: UInt16) throws {
            let mask = umask(0o077)
            defer { umask(mask) }
            let exporter = try RunningExporter(listening: ["unix:\(path)\(option)"])
            #expect(try mode() == expected)
            #expect(try exporter.end().status == .exited(0))
        }

        @Test func theFileGoesWithTheExporter() throws {
            let exporter = try RunningExporter(listening: ["unix:\(path)", "127.0.0.1:0"])
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(try exporter.end().status == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        @Test func anotherFileInItsPlaceStays() throws {
            let exporter = try RunningExporter(listening: ["unix:\(path)"])
            try FileManager.default.removeItem(atPath: path)
            try Data().write(to: URL(filePath: path))
            #expect(try exporter.end().status == .exited(0))
            #expect(FileManager.default.fileExists(atPath: path))
        }

        @Test func aStaleSocketFileIsReplaced() throws {
            let killed = try RunningExporter(listening: ["unix:\(path)"])
            _ = try killed.end(SIGKILL)
            #expect(FileManager.default.fileExists(atPath: path))
            let exporter = try RunningExporter(listening: ["unix:\(path)"])
            #expect(try get("/metrics").status == .exited(0))
            #expect(try exporter.end().status == .exited(0))
        }

        @Test func aRelativePathIsTheWorkingDirectorys() throws {
            let script = "cd \"$1\" && exec \"$0\" --web.listen-address=unix:exporter.sock"
            let child = try ChildProcess("sh", ["-c", script, exporter, directory.path])
            let deadline = ContinuousClock.now + .seconds(20)
            while !child.standardError.contains("listening on unix:exporter.sock") {
                try #require(ContinuousClock.now < deadline, "\(child.standardError)")
                usleep(2_000)
            }
            #expect(try get("/-/healthy").status == .exited(0))
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        /// Many clients of one file have no addresses to tell them apart: each ends its direction
        /// with its request, and reads to the end of its connection.
        private static let impatientClients = """
            import socket, sys
            clients = [socket.socket(socket.AF_UNIX) for _ in range(200)]
            for client in clients:
                client.settimeout(10)
                client.connect(sys.argv[1])
            for client in clients:
                client.sendall(b'GET /-/healthy HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n')
                client.shutdown(socket.SHUT_WR)
            for client in clients:
                answer = b''
                while part := client.recv(4096): answer += part
                assert answer.startswith(b'HTTP/1.1 200 '), answer
            """

        @Test(.requires(.tool("python3"))) func clientsOfAFileAreAnsweredAndLetGo() throws {
            let exporter = try RunningExporter(listening: ["unix:\(path)"])
            let result = try run("python3", ["-c", Self.impatientClients, path])
            #expect(result.status == .exited(0), "\(result.standardError)")
            #expect(try exporter.end().status == .exited(0))
        }

        private func refusal(_ address: String) throws -> String {
            let result = try run(exporter, ["--web.listen-address=\(address)"])
            #expect(result.status == .exited(1))
            return result.standardError
        }

        @Test func aLivingServersFileIsInUse() throws {
            let first = try RunningExporter(listening: ["unix:\(path)"])
            let said = try refusal("unix:\(path)")
            #expect(said.contains("cannot listen on unix:\(path): Address already in use"))
            #expect(try get("/-/healthy").status == .exited(0))
            #expect(try first.end().status == .exited(0))
        }

        @Test(arguments: ["file", "directory", "link"])
        func aFileThatIsNoSocketIsNeverTouched(_ kind: String) throws {
            let files = FileManager.default
            switch kind {
            case "file": try Data("mine".utf8).write(to: URL(filePath: path))
            case "directory":
                try files.createDirectory(atPath: path, withIntermediateDirectories: false)
            default: try files.createSymbolicLink(atPath: path, withDestinationPath: "elsewhere")
            }
            #expect(try refusal("unix:\(path)").contains("unix:\(path): File exists"))
            #expect((try? files.attributesOfItem(atPath: path)) != nil)
            #expect(!files.fileExists(atPath: directory.path + "/elsewhere"))
        }

        @Test func aDirectoryThatIsMissingIsNamed() throws {
            let said = try refusal("unix:\(directory.path)/none/x.sock")
            #expect(said.contains("/none/x.sock: No such file or directory"))
        }

        @Test(.requiresIPv6) func manyAddressesAreServedAtOnce() throws {
            let exporter = try RunningExporter(
                listening: ["127.0.0.1:0", "[::1]:0", "unix:\(path)", "127.0.0.1:0"])
            #expect(exporter.addresses.count == 4)
            #expect(try exporter.get("/-/healthy").status == "200")
            #expect(
                try exporter.get("/-/healthy", address: exporter.addresses[1]).status == "200")
            #expect(try get("/-/healthy").status == .exited(0))
            #expect(
                try exporter.get("/-/healthy", address: exporter.addresses[3]).status == "200")
        }
    }
}

extension Trait where Self == RequirementTrait {
    static var requiresIPv6: Self {
        .requires(
            Requirement("an IPv6 loopback") {
                FileManager.default.contents(atPath: "/proc/net/if_inet6")?.isEmpty == false
            })
    }
}
