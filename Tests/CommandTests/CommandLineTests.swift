import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct CommandLine {
        @Test func versionIsOneLine() throws {
            let result = try run(exporter, ["--version"])
            let line = /tcptable_exporter [\d.]+(-rc\.\d+)? \(revision \S+, Swift \d+\.\d+\)\n/
            #expect(result.status == .exited(0))
            #expect(result.standardOutput.wholeMatch(of: line) != nil)
            #expect(result.standardError == "")
        }

        @Test(.requires(.networkNamespaces), arguments: ["tcptable", "tcptable_exporter"])
        func versionAndHelpNeedNoProc(_ command: String) throws {
            let script = #"umount -l /proc && "$0" --version && "$0" --help"#
            let result = try run("unshare", ["--mount", "sh", "-c", script, product(command)])
            #expect(result.status == .exited(0), "\(result.standardError)")
            #expect(result.standardOutput.hasPrefix("\(command) "))
            #expect(result.standardOutput.contains("USAGE: "))
        }

        @Test func helpNamesEveryFlag() throws {
            let result = try run(exporter, ["--help"])
            #expect(result.status == .exited(0))
            let collectors = [
                "state", "module", "offload", "queue", "listener", "ephemeral-port", "module.paths",
                "listener.connections",
            ]
            let flags =
                [
                    "--web.listen-address", "--web.systemd-socket", "--web.telemetry-path",
                    "--web.max-requests", "--web.route-prefix", "--collector.disable-defaults",
                    "--web.disable-exporter-metrics", "--collector.module.limit",
                    "--collector.module.path-label-bytes", "--collector.listener.limit",
                    "--collector.peer", "--collector.peer.file",
                    "--path.procfs", "--path.cgroupfs", "--log.level", "--log.format", "--once",
                    "--version",
                ] + collectors.flatMap { ["--collector.\($0)", "--no-collector.\($0)"] }
            for flag in flags { #expect(result.standardOutput.contains(flag), "\(flag)") }
        }

        /// 64 is `EX_USAGE` of `sysexits.h`.
        @Test(arguments: [
            (["--nonsense"], "--nonsense"), (["extra"], "extra"),
            (["--web.listen-address"], "--web.listen-address"),
            (["--web.listen-address", "nonsense"], "nonsense"),
            (["--web.listen-address", ":65536"], ":65536"),
            (["--web.listen-address", "::1:80"], "::1:80"),
            (["--web.listen-address", ""], "--web.listen-address"),
            (["--web.listen-address", "unix:"], "no path"),
            (["--web.listen-address", "unix:x,mode=0888"], "mode"),
            (["--web.listen-address", "unix:" + String(repeating: "x", count: 108)], "107 bytes"),
            (["--web.telemetry-path", "x"], "--web.telemetry-path"),
            (["--web.telemetry-path", ""], "--web.telemetry-path"),
            (["--web.telemetry-path", "//x"], "--web.telemetry-path"),
            (["--web.telemetry-path", "/x?y"], "--web.telemetry-path"),
            (["--web.telemetry-path", "/a b"], "--web.telemetry-path"),
            (["--web.telemetry-path", "/a%20b"], "--web.telemetry-path"),
            (["--web.telemetry-path", "/-/healthy"], "/-/healthy"),
            (["--web.telemetry-path", "/-/ready"], "/-/ready"),
            (["--web.route-prefix=https://a/b"], "--web.route-prefix 'https://a/b' must be a path"),
            (["--web.route-prefix=/a//b"], "--web.route-prefix"),
            (["--web.route-prefix=/a/../b"], "--web.route-prefix"),
            (["--web.route-prefix=/a?b"], "--web.route-prefix"),
            (["--web.max-requests=-1"], "--web.max-requests"),
            (["--web.max-requests", "many"], "many"),
            (["--collector.module.paths=false"], "--collector.module.paths"),
            (["--collector.module.limit=-1"], "--collector.module.limit"),
            (["--collector.listener.limit=-1"], "--collector.listener.limit"),
            (["--collector.module.path-label-bytes=31"], "0, or between 32 and 1023"),
            (["--collector.module.path-label-bytes=1024"], "0, or between 32 and 1023"),
            (["--collector.peer", "db"], "--collector.peer: 'db' has no '='"),
            (["--collector.peer", "db=10.0.0.1/8"], "use 10.0.0.0/8"),
            (["--collector.module.limit", "9223372036854775808"], "9223372036854775808"),
            (["--log.level", "loud"], "loud"), (["--log.format", "xml"], "xml"),
        ])
        func anInvalidCommandLineIsReportedWithStatus64(_ arguments: [String], _ name: String)
            throws
        {
            let result = try run(exporter, arguments)
            #expect(result.status == .exited(64))
            #expect(result.standardOutput == "")
            #expect(result.standardError.contains("Error: "))
            #expect(result.standardError.contains(name))
        }

        @Test(arguments: [["--once"], []])
        func aDirectoryThatIsNoProcIsAnError(_ options: [String]) throws {
            let result = try run(exporter, ["--path.procfs=/nonexistent"] + options)
            #expect(result.status == .exited(1))
            #expect(result.standardOutput == "")
            #expect(result.standardError.contains("cannot open /nonexistent/self/stat: "))
        }

        @Test(arguments: [
            (
                ["--collector.peer", "a=::1", "--collector.peer", "b=::1"],
                "two peers have the network"
            ),
            (["--collector.peer.file", "/nonexistent"], "cannot read /nonexistent: "),
        ])
        func peersThatAreWrongOnlyTogetherAreAnError(_ options: [String], _ cause: String) throws {
            let result = try run(exporter, ["--once"] + options)
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains(cause))
        }

        @Test func anErrorHasTheFormOfTheLog() throws {
            let options = ["--path.procfs=/nonexistent", "--log.format=json"]
            let text = try run(exporter, options).standardError
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let members = try #require(object as? [String: String])
            #expect(members["level"] == "error")
            #expect(members["msg"]?.hasPrefix("cannot open /nonexistent") == true)
        }
    }
}
