import Foundation
import SystemPackage
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct BufferedOutputTests {
    @Test func aMillionBytesArriveAsTheyWere() throws {
        let stage = try Stage((0..<20_000).map { .row(.established, port: UInt16($0 % 65535 + 1)) })
        let path = NSTemporaryDirectory() + "tcptable-output-\(UUID().uuidString)"
        let file = try unsafe FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        defer { try? file.close() }
        unsafe unlink(path)
        var output = BufferedOutput(file)
        try output.write(try stage.read(), isJSON: false, time: nil, TextStyle())
        let expected = try stage.lines().joined(separator: "\n") + "\n"
        var bytes = [UInt8](repeating: 0, count: expected.utf8.count + 1)
        let count = try unsafe bytes.withUnsafeMutableBytes {
            try unsafe file.read(fromAbsoluteOffset: 0, into: $0)
        }
        #expect(text(Array(bytes[..<count])) == expected)
        #expect(count > 1_000_000)
    }

    @Test func aFullDeviceIsAFailure() throws {
        let file = try unsafe FileDescriptor.open("/dev/full", .writeOnly)
        defer { try? file.close() }
        var output = BufferedOutput(file)
        output.bytes = [1]
        // #expect cannot capture a noncopyable value.
        do {
            try output.flush()
            Issue.record("/dev/full took something")
        } catch {
            #expect(error == .output(.noSpace))
        }
    }
}
