import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Socket activation and notifications.
    @Suite(.requires(.curl)) struct Systemd {
        /// The exporter under `systemd-socket-activate`, queried until it responds.
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

        /// Runs the exporter with a shell that prepares the environment and then executes it.
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
        func anUnusableAddressIsAnError(_ script: String, _ reason: String) throws {
            let result = try scene(script)
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains(reason), "\(result.standardError)")
        }

        /// Passes a socket of a kind that cannot be served, and becomes the exporter.
        private static let passer = """
            import os, socket, sys
            kinds = {
                'datagram': lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                'idle': lambda: socket.socket(socket.AF_INET6),
                'connected': lambda: socket.socketpair()[0],
            }
            passed = kinds[sys.argv[1]]()
            os.dup2(passed.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')
            os.execv(sys.argv[2], [sys.argv[2], '--web.systemd-socket'])
            """

        @Test(
            .requires(.tool("python3")),
            arguments: [
                ("datagram", "it is no stream socket"), ("idle", "it does not listen"),
                ("connected", "it does not listen"),
            ])
        func socketsThatDoNotListenAreErrors(_ kind: String, _ reason: String) throws {
            let result = try run("python3", ["-c", Self.passer, kind, exporter])
            #expect(result.status == .exited(1))
            #expect(
                result.standardError.contains("descriptor 3 cannot be served: \(reason)"),
                "\(result.standardError)")
        }

        /// Keeps a listening socket, as systemd does, and has one exporter after the other serve
        /// it. Each time a client is there before the exporter is.
        private static let keeper = """
            import os, signal, socket, subprocess, sys
            family, address, exporter = sys.argv[1:]
            listener = socket.socket(getattr(socket, family))
            listener.bind(address if family == 'AF_UNIX' else (address, 0))
            listener.listen()
            os.dup2(listener.fileno(), 3)
            script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --web.systemd-socket'
            for _ in range(3):
                client = socket.socket(listener.family)
                client.settimeout(20)
                client.connect(listener.getsockname())
                client.sendall(b'GET /-/healthy HTTP/1.0\\r\\n\\r\\n')
                child = subprocess.Popen(['sh', '-c', script, exporter], pass_fds=[3])
                print(client.recv(12).decode(), flush=True)
                child.send_signal(signal.SIGTERM)
                print('exit', child.wait(20), flush=True)
            """

        @Test(.requires(.tool("python3")), arguments: ["AF_INET", "AF_UNIX"])
        func oneExporterAfterTheOtherServesAPassedSocket(_ family: String) throws {
            let directory = try TemporaryDirectory()
            let address = family == "AF_UNIX" ? directory.path + "/kept.sock" : "127.0.0.1"
            let result = try run(
                "python3", ["-c", Self.keeper, family, address, exporter], timeout: .seconds(90))
            let round = "HTTP/1.1 200\nexit 0\n"
            #expect(result.standardOutput == round + round + round, "\(result.standardError)")
        }

        @Test func listenAddressesWithPassedSocketsAreAnError() throws {
            let result = try run(exporter, ["--web.systemd-socket", "--web.listen-address=:0"])
            #expect(result.status == .exited(64))
            #expect(result.standardError.contains("--web.listen-address cannot be used together"))
        }

        /// Binds a datagram socket and prints what arrives.
        private static let listener = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1].replace('@', '\\0', 1))
            print('bound', flush=True)
            while True: print(repr(s.recv(4096).decode()), flush=True)
            """

        @Test(.requires(.tool("python3")), arguments: [false, true])
        func theServiceManagerIsNotifiedOfStartAndStop(_ isAbstract: Bool) throws {
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
        func aFailedNotificationIsAWarning(_ name: String) throws {
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
    }
}
