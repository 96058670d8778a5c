import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The unit files for systemd.
    @Suite(.requires(.tool("systemd-analyze"))) struct UnitFiles {
        private static let folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Packaging/systemd")
        private static let names = ["tcptable_exporter.service", "tcptable_exporter.socket"]

        @Test(.requires(.root)) func systemdUnderstandsThem() throws {
            let root = try TemporaryDirectory()
            for name in Self.names {
                try copy(
                    Self.folder.appending(path: name).path, into: "etc/systemd/system", of: root)
            }
            try copy(exporter, into: "usr/bin", of: root)
            try copy("/bin/sh", into: "bin", of: root)
            let result = try run(
                "systemd-analyze",
                ["verify", "--root=\(root.path)", "--recursive-errors=no", "--man=no"]
                    + Self.names)
            #expect(result.standardError == "")
            #expect(result.status == .exited(0))
        }

        private func copy(
            _ source: String, into place: String, of root: TemporaryDirectory
        ) throws {
            let directory = "\(root.path)/\(place)"
            let name = URL(filePath: source).lastPathComponent
            let file = URL(filePath: source).resolvingSymlinksInPath().path
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: file, toPath: "\(directory)/\(name)")
        }

        /// On a scale to ten. The rest is access to the host's network and processes, which the
        /// exporter needs.
        @Test func theServiceHasALowExposure() throws {
            let unit = Self.folder.appending(path: Self.names[0]).path
            let result = try run(
                "systemd-analyze", ["security", "--offline=true", "--threshold=20", unit])
            #expect(result.status == .exited(0), "\(result.standardOutput)")
        }

        @Test(.requires(.strace), .requires(.curl))
        func theServiceMayMakeEveryCallThatTheExporterMakes() throws {
            let made = try callsMade()
            #expect(made.contains("accept4") && made.contains("sendto"))
            // bpf(2) needs rights that the unit does not have, and capset(2) drops them: without them /proc is
            // read.
            #expect(made.subtracting(["bpf", "capset"]).subtracting(try callsAllowed()) == [])
        }

        /// The system calls from start to stop, with scrapes by a port and by a Unix socket.
        private func callsMade() throws -> Set<String> {
            let directory = try TemporaryDirectory()
            let (trace, path) = (directory.path + "/trace", directory.path + "/http.sock")
            var environment = ProcessInfo.processInfo.environment
            environment["NOTIFY_SOCKET"] = directory.path + "/nobody"
            let child = try ChildProcess(
                "strace",
                ["-D", "-f", "-q", "-o", trace, exporter, "--web.listen-address=unix:\(path)"]
                    + ["--web.listen-address=127.0.0.1:0"], environment: environment)
            try wait(for: "the exporter") { child.standardError.contains("cannot notify") }
            for target in ["/metrics", "/", "/-/ready"] {
                let result = try run(
                    "curl",
                    ["-sSf", "--compressed", "--unix-socket", path, "http://localhost\(target)"])
                #expect(result.status == .exited(0), "\(result.standardError)")
            }
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
            // The tracer ends after the traced.
            try wait(for: "the trace's end") { try text(trace).contains("+++ exited with 0 +++") }
            return Set(try text(trace).matches(of: /(?m)^\d+ +(\w+)\(/).map { String($0.1) })
        }

        private func text(_ path: String) throws -> String {
            try String(contentsOfFile: path, encoding: .utf8)
        }

        private func wait(for what: Comment, _ condition: () throws -> Bool) throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while try !condition() {
                try #require(ContinuousClock.now < deadline, what)
                usleep(2_000)
            }
        }

        /// What the unit's filters leave, in systemd's way (`man 5 systemd.exec`): the first line
        /// names what is allowed besides `@default`, a `~` takes away.
        private func callsAllowed() throws -> Set<String> {
            let groups = try callGroups()
            var allowed = expand("@default", groups)
            let unit = try text(Self.folder.appending(path: Self.names[0]).path)
            for line in unit.matches(of: /(?m)^SystemCallFilter=(~?)(.*)$/) {
                for name in line.2.split(separator: " ") {
                    let calls = expand(String(name), groups)
                    if line.1.isEmpty { allowed.formUnion(calls) } else { allowed.subtract(calls) }
                }
            }
            return allowed
        }

        /// The members of each group as systemd knows them.
        private func callGroups() throws -> [String: [String]] {
            var groups: [String: [String]] = [:]
            var current = ""
            let output = try run("systemd-analyze", ["--no-pager", "syscall-filter"]).standardOutput
            for line in output.split(separator: "\n") {
                let word = line.trimmingCharacters(in: .whitespaces)
                if line.hasPrefix("@") {
                    current = word
                } else if !word.hasPrefix("#") {
                    groups[current, default: []].append(word)
                }
            }
            return groups
        }

        private func expand(_ name: String, _ groups: [String: [String]]) -> Set<String> {
            guard name.hasPrefix("@") else { return [name] }
            return (groups[name] ?? []).reduce(into: []) { $0.formUnion(expand($1, groups)) }
        }
    }
}
