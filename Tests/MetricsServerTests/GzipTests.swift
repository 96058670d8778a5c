import Foundation
import TestSupport
import Testing

@testable import MetricsServer

struct CompressedResponseTests {
    @Test(arguments: [1_024, 65_535, 1_000_000])
    func theResponseIsTheSameInFewerBytes(_ byteCount: Int) throws {
        let plain = Self.response(byteCount)
        let compressed = plain.gzippedIfWorthIt()
        #expect(compressed.status == 503)
        #expect(compressed.contentType == "text/plain")
        #expect(compressed.headers.map(\.name) == ["Vary", "Content-Encoding"])
        #expect(compressed.headers.map(\.value) == ["Accept", "gzip"])
        #expect(compressed.body.count < byteCount / 2)
        #expect(try gunzipped(compressed.body) == plain.body)
    }

    @Test(arguments: [0, 1, 1_023]) func shortResponsesStayAsTheyAre(_ byteCount: Int) {
        let plain = Self.response(byteCount)
        let answer = plain.gzippedIfWorthIt()
        #expect(answer.body == plain.body)
        #expect(answer.headers.map(\.name) == ["Vary"])
    }

    private static func response(_ byteCount: Int) -> HTTPResponse {
        HTTPResponse(
            status: 503, contentType: "text/plain", headers: [(name: "Vary", value: "Accept")],
            body: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 % 7) })
    }
}

struct GzipTests {
    @Test(arguments: [0, 1, 100, 32_768, 300_000])
    func whatCannotBeCompressedComesBackToo(_ byteCount: Int) throws {
        let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255) }
        let compressed = try #require(gzipped(bytes))
        #expect(compressed.starts(with: [0x1F, 0x8B, 8]))  // RFC 1952, section 2.3.1
        #expect(try gunzipped(compressed) == bytes)
    }

    @Test func manyAtOnceDoNotDisturbEachOther() {
        let inputs = (0..<8).map { seed in
            (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / (seed + 1)) }
        }
        let expected = inputs.map { gzipped($0) }
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            #expect(gzipped(inputs[index % 8]) == expected[index % 8])
        }
    }
}

/// By the program of that name, which knows nothing of zlib.
private func gunzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "tcptable-test-\(UUID().uuidString)").path
    defer {
        for suffix in ["", ".gz"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
    try Data(bytes).write(to: URL(filePath: path + ".gz"))
    let result = try run("gzip", ["-d", path + ".gz"])
    #expect(result.status == .exited(0), "\(result.standardError)")
    return Array(try Data(contentsOf: URL(filePath: path)))
}
