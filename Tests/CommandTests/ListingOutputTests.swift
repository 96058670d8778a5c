import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Output of the listing, and exit statuses.
    struct ListingOutput {
        @Test func theFirstLineIsEnough() throws {
            let script = "set -o pipefail; '\(lister)' | head -1; echo $?"
            let result = try run("bash", ["-c", script])
            #expect(result.standardOutput.hasPrefix("STATE"))
            #expect(result.standardOutput.hasSuffix("\n0\n"))
            #expect(!result.standardError.contains("cannot write"))
        }

        @Test(arguments: [
            "", "--json", "--by=state", "--watch=3600", "--watch=3600 --json --by=state",
        ])
        func aClosedPipeEndsItSilently(_ options: String) throws {
            let script = """
                exec 3> >(exec true); sleep 0.3
                '\(lister)' --by=state \(options) >&3; echo exited $?
                """
            let result = try run("bash", ["-c", script], timeout: .seconds(20))
            #expect(result.standardOutput == "exited 0\n")
            #expect(result.standardError == "")
        }

        /// The pipe is closed while the watch waits.
        @Test func aClosedPipeEndsAWatch() throws {
            let script = "set -o pipefail; '\(lister)' --watch 3600 | head -1; echo $?"
            let result = try run("bash", ["-c", script], timeout: .seconds(20))
            #expect(result.standardOutput.hasSuffix("\n0\n"))
        }

        @Test(arguments: ["", "--json", "--by=module", "--watch=1"])
        func aFullDiskIsReported(_ options: String) throws {
            let script = "'\(lister)' --by=state \(options) > /dev/full"
            let result = try run("bash", ["-c", script])
            #expect(result.status == .exited(1))
            let line = "tcptable: cannot write to standard output: No space left on device\n"
            #expect(result.standardError.hasSuffix(line))
        }

        @Test func withoutStandardOutputItIsAnError() throws {
            let result = try run("bash", ["-c", "'\(lister)' >&-"])
            #expect(result.status == .exited(1))
            let line = "tcptable: cannot write to standard output: Bad file descriptor\n"
            #expect(result.standardError == line)
        }

        @Test(arguments: [
            ([], false), (["--color=always"], true), (["--color=never"], false),
            (["--color=auto"], false),
        ])
        func aPipeHasColoursOnlyOnRequest(_ options: [String], _ isColored: Bool) throws {
            let output = try run(lister, options).standardOutput
            #expect(output.contains("\u{1B}") == isColored)
            let objects = try run(lister, options + ["--json"]).standardOutput
            #expect(!objects.contains("\u{1B}"))
        }

        @Test(.requires(.networkNamespaces), arguments: [[], ["--json"]])
        func aWatchInAPipeListsAgainAndAgain(_ options: [String]) throws {
            try inNewNetworkNamespace {
                let watch = try ChildProcess(lister, ["--watch=0.1", "--state=listen"] + options)
                let held = try HeldSockets(.listen, .ipv4)
                defer { held.close() }
                try watch.awaitOutput(":\(held.localPort)")
                held.close()
                watch.send(SIGTERM)
                let result = try watch.wait()
                #expect(result.status == .signalled(SIGTERM))
                #expect(result.standardError == "")
                if options.isEmpty {
                    expectListings(result.standardOutput)
                } else {
                    let times = try objects(result.standardOutput).map { $0["time"] as? Double }
                    let now = Date().timeIntervalSince1970
                    #expect(times.allSatisfy { abs(($0 ?? 0) - now) < 3600 })
                }
            }
        }

        private func expectListings(_ output: String) {
            let listings = output.components(separatedBy: "\n\n").dropLast()
            let form = #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}\nSTATE .*(\nlisten .*)?/#
            for listing in listings { #expect(listing.wholeMatch(of: form) != nil, "\(listing)") }
        }

        @Test(.requires(.root), .requires(.tool("setpriv")), .requires(.networkNamespaces))
        func hiddenOwnersAreProtectedAndReportedOnce() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.established, .ipv4)
                defer { held.close() }
                let directory = try TemporaryDirectory()
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: directory.path)
                let copy = directory.path + "/tcptable"
                try copyExecutable(lister, to: copy)
                let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", copy]
                let setpriv = toolPath("setpriv") ?? "setpriv"
                let result = try run(setpriv, nobody)
                #expect(result.status == .exited(0))
                let rows = try result.standardOutput.split(separator: "\n").dropFirst()
                    .map { try ListedRow(line: String($0)) }
                #expect(rows.map(\.module) == ["(protected)", "(protected)"])
                let watch = try ChildProcess(setpriv, nobody + ["--watch=0.1"])
                try watch.awaitOutput("\n\n")
                try watch.awaitOutput("\n\n2")
                watch.send(SIGTERM)
                for said in [result.standardError, try watch.wait().standardError] {
                    #expect(
                        said.hasPrefix("tcptable: ")
                            && said.contains("cannot read the descriptors of"))
                    #expect(said.split(separator: "\n").count == 1)
                }
            }
        }
    }

    struct ListingCommandLine {
        @Test func versionIsOneLine() throws {
            let result = try run(lister, ["--version"])
            let line = /tcptable \d+\.\d+\.\d+(-rc\.\d+)? \(revision \S+, Swift \d+\.\d+\)\n/
            #expect(result.status == .exited(0))
            #expect(result.standardOutput.wholeMatch(of: line) != nil)
        }

        @Test func helpNamesEveryOptionAndValue() throws {
            let result = try run(lister, ["--help"])
            #expect(result.status == .exited(0))
            let words = [
                "--state", "--listening", "--module", "--pid", "--port", "--family", "--offload",
                "--by", "--local", "--remote", "--process", "--user", "--netns", "--sort",
                "--no-header",
                "-l", "-t", "-n", "-p", "-4", "-6", "ESTAB", "synchronized",
                "--json", "--watch", "--color", "--path.procfs", "--path.cgroupfs", "--version",
                "close_wait", "syn_recv", "uploading", "ipv6", "not_found", "always", "Examples:",
            ]
            for word in words { #expect(result.standardOutput.contains(word), "\(word)") }
        }

        /// 64 is `EX_USAGE` of `sysexits.h`.
        @Test(arguments: [
            (["--nonsense"], "'--nonsense'"), (["extra"], "'extra'"),
            (["--state"], "'--state"), (["--state", "open"], "'open' is invalid for '--state"),
            (
                ["--state", "open"],
                "the states are close, listen, syn_sent, syn_recv, established,"
            ),
            (["--state", "estblished"], "no state 'estblished'; nearest: established"),
            (["--remote", "10.0.0.0/33"], "'10.0.0.0/33' is neither an IP address nor a network"),
            (["--port", "no-such-service"], "no TCP service 'no-such-service'"),
            (["--user", "no such user"], "no user 'no such user'"),
            (["--sort", "pidd"], "no column 'pidd'; nearest: pid; the columns are state, local,"),
            (["--sort", "pid:up"], "'pid:asc' or 'pid:desc'"),
            (["--by", "remote", "--sort", "pid"], "the columns are remote, close, listen"),
            (["-u"], "'-u'"), (["-ltu"], "'-u'"),
            (["state", "established"], "only a port such as :443 stands without an option"),
            (["--state="], "'--state"), (["--state", "listen,"], "the states are"),
            (["--family", "inet"], "the families are ipv4, ipv6"),
            (
                ["--offload", "yes"],
                "the offload states are in_host, offloading, offloaded, uploading"
            ),
            (["--pid", "0"], "process IDs are from 1 to 2147483647"), (["--pid", "x"], "'x'"),
            (["--port", "65536"], "ports are from 1 to 65535"), (["--port", "0"], "'0'"),
            (["--by", "pid"], "- netns"),
            (["--color", "red"], "one of 'auto', 'always' or 'never'"),
            (["--watch", "0.05"], "seconds are from 0.1 to 3600"), (["--watch", "3601"], "'3601'"),
            (["--watch", "nan"], "'nan'"), (["--watch=-1"], "'-1'"), (["--watch"], "'--watch"),
            (["--module"], "'--module"), (["--\u{1B}[31m"], #"--\x1b[31m"#),
            (["--state", "\u{202E}"], #"'\u{202e}'"#),
        ])
        func anInvalidCommandLineIsReportedWithStatus64(_ arguments: [String], _ text: String)
            throws
        {
            let result = try run(lister, arguments)
            #expect(result.status == .exited(64))
            #expect(result.standardOutput == "")
            #expect(result.standardError.hasPrefix("Error: "))
            #expect(result.standardError.contains(text), "\(result.standardError)")
            #expect(!result.standardError.contains("\u{1B}"))
        }

        @Test(arguments: ["/nonexistent", "/\u{1B}[31m"])
        func aDirectoryThatIsNoProcIsAnError(_ path: String) throws {
            let result = try run(lister, ["--path.procfs=\(path)"])
            #expect(result.status == .exited(1))
            #expect(result.standardOutput == "")
            let shown = path.replacing("\u{1B}", with: #"\x1b"#)
            #expect(
                result.standardError
                    == "tcptable: cannot open \(shown)/self/stat: No such file or directory\n")
        }
    }
}
