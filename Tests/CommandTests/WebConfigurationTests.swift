import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The built executable with `--web.config.file`, queried with curl.
    @Suite(.requires(.curl))
    struct WebConfiguration {
        private let file: WebConfigurationFile

        init() throws { file = try WebConfigurationFile() }

        private func start(_ text: String) throws -> RunningExporter {
            try file.write(text)
            return try RunningExporter(["--web.config.file=\(file.path)"])
        }

        /// Requests until the response has that status. The exporter checks files once a second.
        private func awaitStatus(
            _ status: String, _ exporter: RunningExporter, _ options: [String]
        ) throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while try exporter.get("/metrics", options).status != status {
                guard ContinuousClock.now < deadline else {
                    throw Silence(what: "never \(status): \(exporter.child.standardError)")
                }
                usleep(50_000)
            }
        }

        private func awaitWords(_ text: String, in exporter: RunningExporter) throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while !exporter.child.standardError.contains(text) {
                guard ContinuousClock.now < deadline else {
                    throw Silence(what: "never said \(text): \(exporter.child.standardError)")
                }
                _ = try exporter.get("/-/healthy")
                usleep(50_000)
            }
        }

        @Test(arguments: ["/metrics", "/", "/-/healthy", "/-/ready", "/unknown"])
        func everyPathNeedsAuthentication(_ path: String) throws {
            let exporter = try start(WebConfigurationFile.users)
            let refused = [
                [], ["-u", "alice:wrong"], ["-u", "nobody:secret"], ["-u", "alice:"], ["-u", ":"],
                ["-H", "Authorization: Basic !"], ["-H", "Authorization: Bearer c2VjcmV0"],
                ["-X", "POST"],
            ]
            for options in refused {
                #expect(try exporter.get(path, options).status == "401", "\(options)")
            }
            let expected = path == "/unknown" ? "404" : "200"
            for user in ["alice:secret", "zoë:with:colons"] {
                #expect(try exporter.get(path, ["-u", user]).status == expected)
            }
        }

        @Test func theRefusalAsksForBasicAuthentication() throws {
            let exporter = try start(WebConfigurationFile.users)
            let answer = try exporter.get("/metrics", ["-i"])
            #expect(answer.body.contains("\nWWW-Authenticate: Basic realm=\"tcptable_exporter\""))
            #expect(!answer.body.contains("tcptable_connections"))
        }

        @Test func aRemovedUserIsRefused() throws {
            let exporter = try start(WebConfigurationFile.users)
            #expect(try exporter.get("/metrics", ["-u", "alice:secret"]).status == "200")
            try file.write("basic_auth_users: {bob: \(WebConfigurationFile.secretHash)}")
            try awaitStatus("401", exporter, ["-u", "alice:secret"])
            #expect(try exporter.get("/metrics", ["-u", "bob:secret"]).status == "200")
            try file.write("")
            try awaitStatus("200", exporter, [])
        }

        @Test func anInvalidFileKeepsTheOldUsersAndIsLoggedOnce() throws {
            let exporter = try start(WebConfigurationFile.users)
            let first = try exporter.get("/metrics", ["-u", "alice:secret"]).metrics()
            #expect(first.value("tcptable_web_config_last_reload_successful") == 1)
            try file.write("basic_auth_users:\n  alice: oops\n")
            try awaitWords("basic_auth_users.'alice'", in: exporter)
            usleep(1_200_000)
            let answer = try exporter.get("/metrics", ["-u", "alice:secret"])
            #expect(answer.status == "200")
            let metrics = try answer.metrics()
            #expect(metrics.value("tcptable_web_config_last_reload_successful") == 0)
            let time = "tcptable_web_config_last_reload_success_timestamp_seconds"
            #expect(metrics.value(time) == first.value(time))
            let said = exporter.child.standardError.components(separatedBy: "level=error")
            #expect(said.count == 2)
            #expect(said.last?.contains("\(file.path), line 2: ") == true)
            #expect(!exporter.child.standardError.contains("oops"))
            try file.write(WebConfigurationFile.users)
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline {
                let now = try exporter.get("/metrics", ["-u", "alice:secret"]).metrics()
                if now.value("tcptable_web_config_last_reload_successful") == 1 { return }
                usleep(50_000)
            }
            Issue.record("never repaired: \(exporter.child.standardError)")
        }

        /// Without a request, and so without a check of the file.
        @Test func aHangupReloadsTheFileAtOnce() throws {
            let exporter = try start("")
            try file.write("basic_auth_users: {}  # no other settings")
            exporter.child.send(SIGHUP)
            try awaitLog("web configuration loaded", count: 2, of: exporter)
            try file.write("basic_auth_users: oops")
            exporter.child.send(SIGHUP)
            try awaitLog("keeping the previous configuration", count: 1, of: exporter)
            #expect(try exporter.end().status == .exited(0))
        }

        /// Runs the exporter on a terminal, and takes the terminal away.
        private static let terminal = """
            import os, pty, sys, time
            pid, terminal = pty.fork()
            if pid == 0: os.execv(sys.argv[1], [sys.argv[1], '--web.listen-address=127.0.0.1:0'])
            while b'listening on' not in os.read(terminal, 4096): pass
            os.close(terminal)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """

        @Test(.requires(.tool("python3")))
        func aHangupOfTheTerminalEndsTheExporter() throws {
            let result = try run(
                "python3", ["-c", Self.terminal, builtCommand("tcptable_exporter")])
            #expect(result.standardOutput == "0\n", "\(result.standardError)")
        }

        private func awaitLog(_ text: String, count: Int, of exporter: RunningExporter) throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while exporter.child.standardError.ranges(of: text).count < count {
                try #require(ContinuousClock.now < deadline, "\(exporter.child.standardError)")
                usleep(2_000)
            }
        }

        @Test func withoutAFileThereAreNoMetricsOfIt() throws {
            let names = try RunningExporter().get("/metrics").metrics().names
            #expect(!names.contains { $0.contains("web_config") })
        }

        @Test func headersAreOnEveryAnswerAndThePagesOwnAreKept() throws {
            let exporter = try start(
                WebConfigurationFile.users + "\n" + """
                    http_server_config:
                      headers:
                        X-Frame-Options: sameorigin
                        X-XSS-Protection: "0"
                        Content-Security-Policy: default-src 'none'; img-src https://example.com
                    """)
            let requests = [
                ("/metrics", []), ("/metrics", ["-u", "alice:secret"]),
                ("/no", ["-u", "alice:secret"]),
                ("/", ["-u", "alice:secret"]), ("/metrics", ["-u", "alice:secret", "-X", "POST"]),
                ("/metrics?collect[]=no", ["-g", "-u", "alice:secret"]),
            ]
            for (path, options) in requests {
                let headers = try exporter.get(path, ["-i"] + options).body
                #expect(headers.contains("\nX-Frame-Options: sameorigin"), "\(path) \(options)")
                #expect(headers.contains("\nX-XSS-Protection: 0"), "\(path) \(options)")
                let isPage = path == "/"
                #expect(headers.contains("img-src https://example.com") != isPage, "\(path)")
            }
        }

        /// Their memory is not that of requests.
        @Test func theLargestHeadersFitHoweverSmallRequestsMustBe() throws {
            let policy = String(repeating: "x", count: 8000)
            try file.write("http_server_config: {headers: {Content-Security-Policy: \(policy)}}")
            let exporter = try RunningExporter(
                ["--web.config.file=\(file.path)", "--web.max-header-bytes=4096"])
            for path in ["/metrics", "/none", "/-/healthy"] {
                let padding = ["-H", "X: \(String(repeating: "y", count: 3000))"]
                #expect(try exporter.get(path, ["-i"] + padding).body.contains(policy), "\(path)")
            }
            #expect(try exporter.get("/metrics", ["-H", "X: \(policy)"]).status == "431")
        }

        @Test func theRateIsLimitedBeforeAuthentication() throws {
            let limit = "\nrate_limit: {interval: 1h, burst: 3}\n"
            let exporter = try start(WebConfigurationFile.users + limit)
            let options = [
                [], ["-u", "alice:secret"], ["-u", "alice:wrong"], ["-u", "alice:secret"], [],
            ]
            let statuses = try options.map { try exporter.get("/metrics", $0).status }
            #expect(statuses == ["401", "200", "401", "429", "429"])
            try file.write(WebConfigurationFile.users)
            try awaitStatus("200", exporter, ["-u", "alice:secret"])
        }

        @Test(arguments: [
            ("unknown: 1", "line 1: unknown key 'unknown'"),
            (
                "http_server_config: {headers: {X-XSS-Protection: "
                    + String(repeating: "x", count: 8200) + "}}",
                "8192 are the most"
            ),
            (
                "tls_server_config: {cert_file: none.pem, key_file: none.pem}",
                "none.pem: No such file"
            ),
        ])
        func aFileThatCannotBeUsedIsAnErrorAtTheStart(_ text: String, _ said: String) throws {
            try file.write(text)
            let result = try run(
                exporter,
                ["--web.config.file=\(file.path)", "--web.listen-address=127.0.0.1:0"])
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains("cannot use the web configuration \(file.path)"))
            #expect(result.standardError.contains(said))
            #expect(!result.standardError.contains("listening on"))
        }

        @Test func aMissingFileIsAnErrorAtTheStart() throws {
            let result = try run(
                exporter,
                ["--web.config.file=\(file.path).missing", "--web.listen-address=127.0.0.1:0"])
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains("\(file.path).missing: No such file"))
        }

        @Test func anUnsupportedSettingIsLogged() throws {
            let exporter = try start("http_server_config: {http2: true}")
            #expect(exporter.child.standardError.contains("HTTP/2 is not offered"))
        }

        /// Many wrong passwords at once. Known users are served meanwhile.
        @Test func aFloodOfWrongPasswordsDoesNotLockOutOthers() throws {
            let exporter = try start(
                "basic_auth_users: {alice: \(WebConfigurationFile.costlyHash)}")
            #expect(try exporter.get("/-/healthy", ["-u", "alice:secret"]).status == "200")
            let url = "http://\(exporter.addresses[0])/-/healthy"
            let attackers = try (0..<60).map { number in
                try ChildProcess(
                    "curl",
                    [
                        "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", "-u",
                        "alice:wrong\(number)", url,
                    ])
            }
            for _ in 0..<20 {
                #expect(try exporter.get("/-/healthy", ["-u", "alice:secret"]).status == "200")
            }
            let statuses = try attackers.map {
                try $0.wait(within: .seconds(30)).standardOutput
            }
            #expect(statuses.allSatisfy { $0 == "401" || $0 == "503" })
            #expect(statuses.contains("401"))
        }

        /// Users who have not logged in before, from another address and from the attacker's own.
        @Test(arguments: ["127.0.0.2", "127.0.0.1"])
        func aFloodOfWrongPasswordsLetsFirstLogInsThrough(_ address: String) throws {
            let names = ["alice"] + (0..<9).map { "user\($0)" }
            let users = names.map { "\($0): \(WebConfigurationFile.costlyHash)" }
            let exporter = try start("basic_auth_users: {\(users.joined(separator: ", "))}")
            let url = "http://\(exporter.addresses[0])/-/healthy"
            let loop = "while :; do curl -s -o /dev/null -u alice:$RANDOM$RANDOM \(url); done"
            let attackers = try (0..<24).map { _ in try ChildProcess("bash", ["-c", loop]) }
            defer { for attacker in attackers { attacker.send(SIGKILL) } }
            try awaitMetric("tcptable_http_requests_total", code: "503", of: exporter)
            for name in names.dropFirst() {
                let options = ["--interface", address, "-u", "\(name):secret"]
                #expect(try exporter.get("/-/healthy", options).status == "200", "\(name)")
            }
        }

        /// Waits until a password was turned away, which fills the attacker's line.
        private func awaitMetric(
            _ name: String, code: String, of exporter: RunningExporter
        ) throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline {
                let options = ["--interface", "127.0.0.3", "-u", "alice:secret"]
                let metrics = try exporter.get("/metrics", options).metrics()
                if metrics.value(name, ["code": code]) ?? 0 > 0 { return }
                usleep(20_000)
            }
            Issue.record("nobody was turned away")
        }
    }
}

/// A configuration in a directory that is removed with the object.
final class WebConfigurationFile {
    /// Of "secret".
    static let secretHash = "$2y$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa"
    /// Of "secret" too, at a cost of 10.
    static let costlyHash = "$2y$10$bc21xXuJY0IylKKkkSQYrewieRjcmmarIjOb7o.up866eC3ul7jj."
    /// alice:secret and zoë:with:colons.
    static let users = """
        basic_auth_users:
          alice: \(secretHash)
          zoë: $2y$05$xncfzNnqs5r8AzWVqVjGh.xclnm6OdlbW5ZsklZKqCUE66fB564wK
        """

    private let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/web.yml"
    }

    /// Replaces the file, as configuration management does.
    func write(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
