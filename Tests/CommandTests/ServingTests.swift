import Foundation
import SystemPackage
import TestSupport
import Testing

extension CommandTests {
    @Suite(.requires(.curl))
    struct Serving {
        @Test func metricsAreServedAtTheirPath() throws {
            let exporter = try RunningExporter()
            for _ in 0..<3 {
                let answer = try exporter.get("/metrics")
                #expect(answer.status == "200")
                #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
                #expect(try answer.metrics().conservationBreaches == [])
            }
        }

        /// Relocations, the command line and library initialization: used once, and resident until
        /// released.
        @Test func pagesThatOnlyTheStartNeededAreReleased() throws {
            let exporter = try RunningExporter()
            for _ in 0..<3 { _ = try exporter.get("/metrics") }
            let (now, peak) = (try exporter.memory("VmRSS"), try exporter.memory("VmHWM"))
            #expect(now < peak - 1_000_000, "\(now) bytes are resident, \(peak) were")
        }

        @Test func thePathCanBeAnother() throws {
            let exporter = try RunningExporter(["--web.telemetry-path=/tcp-table/v1_~.x"])
            #expect(try exporter.get("/tcp-table/v1_~.x").metrics()["tcptable_connections"] != nil)
            #expect(try exporter.get("/metrics").status == "404")
            #expect(try exporter.get("/").body.contains("href=\"tcp-table/v1_~.x\""))
        }

        @Test func thePathCanBeTheRoot() throws {
            let exporter = try RunningExporter(["--web.telemetry-path=/"])
            #expect(try exporter.get("/").metrics()["tcptable_connections"] != nil)
        }

        @Test func theLandingPageLeadsToTheMetrics() throws {
            let answer = try RunningExporter().get("/")
            #expect(answer.status == "200")
            #expect(answer.contentType == "text/html; charset=utf-8")
            #expect(answer.body.hasPrefix("<!DOCTYPE html>"))
            #expect(answer.body.contains("<a href=\"metrics\">"))
        }

        @Test func otherPathsAreNotFoundAndOtherMethodsNotAllowed() throws {
            let exporter = try RunningExporter()
            for path in ["/metrics/", "/Metrics", "/metrics.txt", "//metrics", "/../etc/passwd"] {
                #expect(try exporter.get(path).status == "404", "\(path)")
            }
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                for path in ["/metrics", "/"] {
                    let answer = try exporter.get(path, ["-X", method])
                    #expect(answer.status == "405", "\(method) \(path)")
                }
            }
        }

        @Test(arguments: ["/metrics", "/"]) func headGetsTheHeadersOnly(_ path: String) throws {
            let answer = try RunningExporter().get(path, ["--head"])
            #expect(answer.status == "200")
            #expect(answer.body.lowercased().contains("content-length: "))
            #expect(answer.byteCount == 0)
        }

        @Test func manyClientsAreAnsweredAtOnce() throws {
            let exporter = try RunningExporter()
            let url = "http://\(exporter.addresses[0])/metrics"
            let clients = try (0..<30).map { _ in
                try ChildProcess("curl", ["-sSf", "--noproxy", "*", url])
            }
            for client in clients {
                let result = try client.wait(within: .seconds(30))
                #expect(result.status == .exited(0), "\(result.standardError)")
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.conservationBreaches == [])
            }
        }

        @Test func severalAddressesAreServed() throws {
            let exporter = try RunningExporter(listening: ["127.0.0.1:0", "127.0.0.1:0"])
            #expect(Set(exporter.addresses).count == 2)
            for address in exporter.addresses {
                #expect(try exporter.get("/metrics", address: address).status == "200")
            }
        }

        @Test(.requires(.networkNamespaces)) func withoutAddressesEveryAddressIsServed() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter(listening: [])
                #expect(exporter.addresses == ["[::]:10793"])
                for address in ["127.0.0.1:10793", "[::1]:10793"] {
                    #expect(try exporter.get("/metrics", address: address).status == "200")
                }
            }
        }

        @Test func aTakenPortIsAnErrorThatNamesIt() throws {
            let first = try RunningExporter()
            let address = first.addresses[0]
            let result = try run(exporter, ["--web.listen-address=\(address)"])
            #expect(result.status == .exited(1))
            #expect(
                result.standardError.contains("cannot listen on \(address): Address already in use")
            )
            #expect(try first.get("/metrics").status == "200")
        }
    }

    struct Ending {
        @Test(arguments: [SIGTERM, SIGINT], [false, true])
        func aSignalEndsItWithSuccess(_ signal: Int32, _ hasClient: Bool) throws {
            let exporter = try RunningExporter()
            let client = hasClient ? try connect(to: exporter.addresses[0]) : nil
            let result = try exporter.end(signal)
            #expect(result.status == .exited(0))
            let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
            #expect(result.standardError.contains("received \(name), shutting down"))
            // The client sees that its connection is closed.
            if let client { #expect(try client.wait(within: .seconds(20)).status == .exited(0)) }
        }

        /// A client that got a response and keeps its connection.
        private func connect(to address: String) throws -> ChildProcess {
            let parts = address.split(separator: ":")
            let script = """
                exec 9<>/dev/tcp/\(parts[0])/\(parts[1])
                printf 'GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n' >&9
                cat <&9; echo; echo end of connection
                """
            let client = try ChildProcess("bash", ["-c", script])
            try client.awaitOutput("</html>")
            return client
        }
    }

    struct Logging {
        @Test func linesAreLogfmt() throws {
            let exporter = try RunningExporter()
            let text = try exporter.end().standardError
            let line = /time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=(info|warn) msg="[^"]*"/
            let lines = text.split(separator: "\n")
            #expect(lines.count >= 2)
            for text in lines { #expect(text.wholeMatch(of: line) != nil, "\(text)") }
        }

        @Test func linesAreJSONOnRequest() throws {
            let exporter = try RunningExporter(["--log.format=json", "--log.level=debug"])
            let lines = try exporter.end().standardError.split(separator: "\n")
            #expect(lines.count >= 2)
            for line in lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                let members = try #require(object as? [String: String])
                #expect(members["time"] != nil && members["level"] != nil && members["msg"] != nil)
            }
        }

        @Test func lowerSeveritiesAreNotLogged() throws {
            let result = try run(exporter, ["--once", "--log.level=error"])
            #expect(result.standardError == "")
        }

        @Test(.requires(.curl)) func aPipeThatNobodyReadsHoldsNoRequestUp() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/exporter.sock"
            let script = """
                exec "$0" --log.level=debug --web.listen-address=unix:$1 2> >(exec sleep 60)
                """
            let child = try ChildProcess("bash", ["-c", script, exporter, path])
            try awaitFile(path)
            // Each is logged in two lines, which fill the pipe and then the queue.
            _ = try run(
                "curl",
                [
                    "-s", "-o", "/dev/null", "-H", "Host:", "--unix-socket", path,
                    "http://localhost/?[1-2500]",
                ])
            let result = try run(
                "curl", ["-sSf", "-m", "5", "--unix-socket", path, "http://localhost/metrics"])
            let metrics = try MetricsText(Array(result.standardOutput.utf8))
            #expect(metrics.value("tcptable_exporter_log_lines_dropped_total") ?? 0 > 0)
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
        }

        @Test func theJournalGetsPriorities() throws {
            let script = """
                export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2)
                exec "$0" --web.listen-address=unix:/nonexistent/x
                """
            let result = try run("bash", ["-c", script, exporter])
            #expect(result.standardError.contains("<3>time="))
            let other = try run(exporter, ["--web.listen-address=unix:/nonexistent/x"])
            #expect(other.standardError.hasPrefix("time="))
        }

        /// Sockets would get their numbers, and log lines go to whoever is at the other end.
        @Test(.requires(.curl)) func descriptorsThatWereClosedAreReserved() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/exporter.sock"
            let script = "exec \"$0\" --web.listen-address=unix:$1 <&- >&- 2>&-"
            let child = try ChildProcess("bash", ["-c", script, exporter, path])
            try awaitFile(path)
            let result = try run(
                "curl", ["-sSf", "--unix-socket", path, "http://localhost/metrics"])
            #expect(result.status == .exited(0))
            for number in 0...2 {
                let target = try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(child.processID)/fd/\(number)")
                #expect(target == "/dev/null")
            }
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
        }

        private func awaitFile(_ path: String) throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while !FileManager.default.fileExists(atPath: path) {
                try #require(ContinuousClock.now < deadline)
                usleep(2_000)
            }
        }

        @Test(arguments: ["/nonexistent", "/proc"])
        func aGivenMountPointWithoutCgroupsIsAnError(_ path: String) throws {
            for program in [exporter, lister] {
                let once = program == exporter ? ["--once"] : []
                let result = try run(program, once + ["--path.cgroupfs=\(path)"])
                #expect(result.status != .exited(0))
                #expect(result.standardOutput == "")
                #expect(
                    result.standardError.contains(
                        "cgroup v2 is mounted neither at \(path) nor at \(path)/unified"))
            }
        }

        /// `ip netns exec` mounts a new /sys.
        @Test(.requires(.networkNamespaces), .requires(.tool("unshare")))
        func cgroupsThatAreHiddenAreToldFromNone() throws {
            let command = "mount -t tmpfs none /sys/fs/cgroup && exec '\(exporter)' --once"
            let result = try run("unshare", ["--mount", "sh", "-c", command])
            #expect(result.status == .exited(0))
            let hidden = "cgroup v2 is not mounted at /sys/fs/cgroup, though this host has it"
            #expect(result.standardError.components(separatedBy: hidden).count == 2)
        }

        @Test(.requires(.curl)) func aProblemIsLoggedOnce() throws {
            let exporter = try RunningExporter([])
            for _ in 0..<5 { _ = try exporter.get("/metrics") }
            let lines = try exporter.end().standardError.split(separator: "\n")
            let problems = lines.filter { $0.contains("level=warn") }
            #expect(Set(problems.map { $0.drop { $0 != " " } }).count == problems.count)
        }
    }
}
