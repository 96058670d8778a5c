import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// How the holders of sockets are found: with the right to use BPF, and without.
    @Suite(.requires(.root), .requires(.tool("setpriv")), .requires(.tool("unshare")))
    struct HolderMode {
        private static let bpf = "--collector.holders=bpf"
        /// CAP_SYS_ADMIN includes the other two.
        private static let dropsRights = ["-sys_admin,-bpf", "-sys_admin,-perfmon"]

        @Test(.slow, .requires(.networkNamespaces))
        func aThousandIterationsLeaveNoDescriptorOpenAndTheRightsAreGone() throws {
            try inNewNetworkNamespace {
                let running = try RunningExporter([Self.bpf])
                _ = try running.get("/metrics")
                let before = try descriptorCount(running)
                for number in 0..<10 {
                    // A socket whose holder is not known makes it iterate.
                    let urls = Array(
                        repeating: "http://\(running.addresses[0])/metrics", count: 100)
                    let result = try run(
                        "curl", ["-sS", "-o", "/dev/null", "-H", "Connection: close"] + urls)
                    #expect(
                        result.status == .exited(0), "round \(number): \(result.standardError)")
                }
                #expect(try descriptorCount(running) <= before + 1)
                let status = try String(
                    contentsOfFile: "/proc/\(running.child.processID)/status", encoding: .utf8)
                let line = try #require(status.firstMatch(of: /CapPrm:\s+([0-9a-f]+)/))
                let permitted = try #require(UInt64(line.1, radix: 16))
                #expect(permitted & (1 << 38 | 1 << 39) == 0)
                #expect(try running.end().status == .exited(0))
            }
        }

        private func descriptorCount(_ running: RunningExporter) throws -> Int {
            try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(running.child.processID)/fd"
            ).count
        }

        @Test(.requires(.networkNamespaces), arguments: dropsRights)
        func withoutOneOfTheRightsProcIsReadAndSaidToBe(_ dropped: String) throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.established, .ipv4)
                defer { held.close() }
                let result = try withBounding(dropped, ["--once"])
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.tableRows == held.rows)
                #expect(text.conservationBreaches == [])
                #expect(
                    text.samples("tcptable_unattributed_connections").allSatisfy { $0.value == 0 })
            }
        }

        @Test(arguments: dropsRights)
        func whoAsksForBPFWithoutTheRightsIsToldWhichTheyAre(_ dropped: String) throws {
            let result = try withBounding(dropped, ["--once", Self.bpf])
            #expect(result.status == .exited(1))
            #expect(result.standardOutput.isEmpty)
            #expect(
                result.standardError.contains(
                    "--collector.holders=bpf: bpf(BPF_PROG_LOAD) is not permitted: it needs CAP_BPF and "
                        + "CAP_PERFMON"), "\(result.standardError)")
        }

        @Test func inAnotherPIDNamespaceProcIsRead() throws {
            let unshared = ["--pid", "--fork", "--mount-proc", exporter, "--once"]
            let refused = try run("unshare", unshared + [Self.bpf])
            #expect(refused.status == .exited(1))
            #expect(refused.standardError.contains("the host's first PID namespace"))
            let result = try run("unshare", unshared)
            #expect(result.status == .exited(0))
            #expect(result.standardError.isEmpty, "\(result.standardError)")
        }

        @Test func withoutTheKernelsTypesProcIsReadAndOneLineSaysSo() throws {
            let hiding = [
                "--mount", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh",
            ]
            let refused = try run("unshare", hiding + [exporter, "--once", Self.bpf])
            #expect(refused.status == .exited(1))
            #expect(refused.standardError.contains("/sys/kernel/btf/vmlinux: No such file"))
            let child = try ChildProcess(
                "unshare", hiding + [exporter, "--web.listen-address=127.0.0.1:0"])
            let lines = try linesAboutHolders(child)
            #expect(lines.count == 1)
            #expect(lines.first?.contains("socket holders are found in /proc: ") == true)
        }

        /// As systemd and container runtimes filter system calls.
        @Test(.requires(.networkNamespaces), arguments: [EPERM, ENOSYS])
        func underAFilterThatRefusesBPFProcIsReadAndOneLineSaysSo(_ error: Int32) throws {
            let filtered = ["bpf=\(error)", exporter]
            try inNewNetworkNamespace {
                let held = try HeldSockets(.established, .ipv4)
                defer { held.close() }
                let result = try run(testProgram("without_rights"), filtered + ["--once"])
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.tableRows == held.rows)
                #expect(
                    text.samples("tcptable_unattributed_connections").allSatisfy { $0.value == 0 })
                #expect(result.standardError.isEmpty, "\(result.standardError)")
            }
            let child = try ChildProcess(
                testProgram("without_rights"), filtered + ["--web.listen-address=127.0.0.1:0"])
            let lines = try linesAboutHolders(child)
            #expect(lines.count == 1)
            #expect(
                lines.first?.contains("socket holders are found in /proc: bpf(BPF_PROG_LOAD) ")
                    == true)
        }

        private func linesAboutHolders(_ child: ChildProcess) throws -> [Substring] {
            let deadline = ContinuousClock.now + .seconds(20)
            while !child.standardError.contains("listening on"), ContinuousClock.now < deadline {
                usleep(2_000)
            }
            child.send(SIGTERM)
            _ = try child.wait()
            return child.standardError.split(separator: "\n").filter { $0.contains("holders") }
        }

        private func withBounding(_ set: String, _ arguments: [String]) throws -> ProcessResult {
            try run("setpriv", ["--bounding-set=\(set)", exporter] + arguments)
        }
    }
}
