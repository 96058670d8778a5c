import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// What systemd passes to a service and wants to hear from it.
    @Suite(.requires(.curl)) struct Systemd {
        /// The exporter under `systemd-socket-activate`, asked until it answers.
        private func activated(
            _ addresses: [String], _ body: (ChildProcess) throws -> Void
        ) throws {
            let options = addresses.flatMap { ["-l", $0] }
            let child = try ChildProcess(
                "systemd-socket-activate", options + [exporter, "--web.systemd-socket"])
            let deadline = ContinuousClock.now + .seconds(20)
            while !child.standardError.contains("Listening on \(addresses.last ?? "")") {
                try #require(ContinuousClock.now < deadline, "\(child.standardError)")
                usleep(2_000)
            }
            try body(child)
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
        }

        @Test(.requires(.tool("systemd-socket-activate")), .requires(.networkNamespaces))
        func passedSocketsAreServedAllOfThem() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/passed.sock"
            try inNewNetworkNamespace {
                try activated(["127.0.0.1:18080", path]) { child in
                    let tcp = try run("curl", ["-sSf", "http://127.0.0.1:18080/metrics"])
                    let metrics = try MetricsText(Array(tcp.standardOutput.utf8))
                    #expect(metrics.conservationBreaches == [])
                    let unix = try run(
                        "curl", ["-sSf", "--unix-socket", path, "http://localhost/-/healthy"])
                    #expect(unix.status == .exited(0))
                    #expect(child.standardError.contains("listening on 127.0.0.1:18080"))
                    #expect(child.standardError.contains("listening on unix:\(path)"))
                }
            }
            #expect(FileManager.default.fileExists(atPath: path), "it is systemd's to remove")
        }

        /// Runs the exporter by a shell, which sets the scene and becomes it.
        private func scene(_ script: String) throws -> ProcessResult {
            try run("sh", ["-c", script, exporter])
        }

        @Test(arguments: [
            ("exec \"$0\" --web.systemd-socket", "no sockets were passed"),
            (
                "LISTEN_PID=1 LISTEN_FDS=1 exec \"$0\" --web.systemd-socket",
                "no sockets were passed"
            ),
            (
                "LISTEN_PID=$$ LISTEN_FDS=0 exec \"$0\" --web.systemd-socket",
                "no sockets were passed"
            ),
            (
                "LISTEN_PID=$$ LISTEN_FDS=many exec \"$0\" --web.systemd-socket",
                "LISTEN_FDS is \\\"many\\\""
            ),
            (
                "LISTEN_PID=$$ LISTEN_FDS=99999 exec \"$0\" --web.systemd-socket",
                "LISTEN_FDS is \\\"99999\\\""
            ),
            (
                "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" --web.systemd-socket 3</dev/null",
                "descriptor 3 cannot be served: Socket operation on non-socket"
            ),
            (
                "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" --web.systemd-socket 3<&-",
                "descriptor 3 cannot be served: Bad file descriptor"
            ),
        ])
        func whatCannotBeServedIsAnError(_ script: String, _ reason: String) throws {
            let result = try scene(script)
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains(reason), "\(result.standardError)")
        }

        @Test func ownAddressesBesidePassedSocketsAreAMistake() throws {
            let result = try run(exporter, ["--web.systemd-socket", "--web.listen-address=:0"])
            #expect(result.status == .exited(64))
            #expect(result.standardError.contains("leave --web.listen-address out"))
        }

        /// Binds a datagram socket and tells what arrives.
        private static let listener = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1].replace('@', '\\0', 1))
            print('bound', flush=True)
            while True: print(repr(s.recv(4096).decode()), flush=True)
            """

        @Test(.requires(.tool("python3")), arguments: [false, true])
        func theServiceManagerIsToldOfTheBeginningAndTheEnd(_ isAbstract: Bool) throws {
            let directory = try TemporaryDirectory()
            let name = (isAbstract ? "@" : "") + directory.path + "/notify"
            let manager = try ChildProcess("python3", ["-c", Self.listener, name])
            try manager.awaitOutput("bound")
            var environment = ProcessInfo.processInfo.environment
            environment["NOTIFY_SOCKET"] = name
            let exporter = try ChildProcess(
                exporter, ["--web.listen-address=127.0.0.1:0"], environment: environment)
            try manager.awaitOutput("READY=1\\nSTATUS=listening on 127.0.0.1:")
            #expect(!manager.standardOutput.contains("STOPPING=1"))
            exporter.send(SIGTERM)
            #expect(try exporter.wait(within: .seconds(20)).status == .exited(0))
            try manager.awaitOutput("STOPPING=1")
        }

        @Test(arguments: [
            "/nonexistent/notify", "vsock:2:1234", "@" + String(repeating: "x", count: 200),
        ])
        func aManagerThatCannotBeToldIsAWarning(_ name: String) throws {
            var environment = ProcessInfo.processInfo.environment
            environment["NOTIFY_SOCKET"] = name
            let child = try ChildProcess(
                exporter, ["--web.listen-address=127.0.0.1:0"], environment: environment)
            let deadline = ContinuousClock.now + .seconds(20)
            while !child.standardError.contains("cannot notify the service manager") {
                try #require(ContinuousClock.now < deadline, "\(child.standardError)")
                usleep(2_000)
            }
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
        }

        @Test(.requires(.tool("systemd-analyze")), .requires(.root))
        func theUnitsAreWhatSystemdUnderstands() throws {
            let root = try TemporaryDirectory()
            let files = FileManager.default
            for (source, place) in [
                ("Sources/tcptable_exporter/tcptable_exporter.service", "etc/systemd/system"),
                ("Sources/tcptable_exporter/tcptable_exporter.socket", "etc/systemd/system"),
                (exporter, "usr/local/bin"),
            ] {
                let directory = "\(root.path)/\(place)"
                try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let name = URL(filePath: source).lastPathComponent
                try files.copyItem(atPath: source, toPath: "\(directory)/\(name)")
            }
            let result = try run(
                "systemd-analyze",
                ["verify", "--root=\(root.path)", "--recursive-errors=no", "--man=no"]
                    + ["tcptable_exporter.service", "tcptable_exporter.socket"])
            #expect(result.standardError == "")
            #expect(result.status == .exited(0))
        }
    }
}
