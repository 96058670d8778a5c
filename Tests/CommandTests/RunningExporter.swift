import Foundation
import SystemPackage
import TestSupport
import Testing

/// Tests of the built executables. One after the other: each starts processes, and the machine that
/// runs the tests may be small.
@Suite(.serialized, .thread(.commands)) enum CommandTests {}

/// Those that take long, beside the others: most wait for something else than the processor.
@Suite(.serialized, .thread(.load)) enum SlowCommandTests {}

/// The built executable.
let exporter = builtCommand("tcptable_exporter")

/// A running `tcptable_exporter`, which ends at the latest with this object.
final class RunningExporter {
    let child: ChildProcess
    /// The addresses it logs, in order.
    let addresses: [String]

    /// Starts it on a free port of loopback, or on the given addresses; with none, on the default
    /// one.
    init(
        _ arguments: [String] = [], listening addresses: [String] = ["127.0.0.1:0"],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        let options = addresses.map { "--web.listen-address=\($0)" }
        child = try ChildProcess(exporter, options + arguments, environment: environment)
        self.addresses = try Self.awaitAddresses(max(addresses.count, 1), of: child)
    }

    /// The response to a request, by curl.
    func get(_ path: String, _ options: [String] = [], address: String? = nil) throws -> Answer {
        let url = "http://\(address ?? addresses[0])\(path)"
        let format = "\n%{http_code}\n%{content_type}\n%{size_download}"
        let result = try run(
            "curl", ["-sS", "--path-as-is", "--noproxy", "*", "-w", format] + options + [url])
        #expect(result.status == .exited(0), "\(result.standardError)")
        return Answer(result.standardOutput)
    }

    /// A size in bytes from `/proc/PID/status`: `VmRSS`, `RssAnon`.
    func memory(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(child.processID)/status", encoding: .utf8)
        let line = try #require(status.firstMatch(of: try Regex("\(name):\\s+(\\d+) kB")))
        return try #require(Int(line[1].substring ?? "")) * 1024
    }

    /// Ends it and waits for it.
    func end(_ signal: Int32 = SIGTERM) throws -> ProcessResult {
        child.send(signal)
        return try child.wait(within: .seconds(20))
    }

    private static func awaitAddresses(_ count: Int, of child: ChildProcess) throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let said = child.standardError.matches(of: /listening on ([^" ]+)"/)
            if said.count == count { return said.map { String($0.1) } }
            usleep(2_000)
        }
        throw Silence(what: "the exporter did not listen, and said: \(child.standardError)")
    }
}

/// The response that curl got, followed by what its --write-out prints.
struct Answer {
    let status: String
    let contentType: String
    let byteCount: Int
    let body: String

    init(_ output: String) {
        let lines = output.components(separatedBy: "\n")
        body = lines.dropLast(3).joined(separator: "\n")
        status = lines.count >= 3 ? lines[lines.count - 3] : ""
        contentType = lines.count >= 2 ? lines[lines.count - 2] : ""
        byteCount = lines.last.flatMap { Int($0) } ?? -1
    }

    func metrics() throws -> MetricsText { try MetricsText(Array(body.utf8)) }
}

/// What did not happen in time.
struct Silence: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
