import Foundation
import SystemPackage
import TestSupport
import Testing

private let null: FilePath = "/dev/null"
private let zero: FilePath = "/dev/zero"

/// Fails were this thread's calls not to reach the interposed functions: all else rests on it.
struct FaultInjectionTests {
    @Test func systemPackageSeesTheFailure() throws {
        let outcome = try #require(
            withFailingCall(1, .ioError) { try FileDescriptor.open(null, .readOnly) })
        #expect(outcome.failedCall.hasPrefix("open"))
        #expect(throws: Errno.ioError) { try outcome.result.get() }
        #expect(outcome.descriptorsLeftOpen == 0)
    }

    @Test func eachCallFailsInTurn() {
        let outcomes = withEachCallFailing(.ioError, readZero)
        #expect(outcomes.map(\.failedCall) == ["open", "read", "close"])
        #expect(outcomes.map(\.nth) == [1, 2, 3])
        #expect(outcomes.map(\.descriptorsLeftOpen) == [0, 0, 0])
        for outcome in outcomes { #expect(throws: Errno.ioError) { try outcome.result.get() } }
    }

    @Test func aLeakIsSeen() throws {
        let outcome = try #require(
            withFailingCall(2, .ioError) {
                let descriptor = try FileDescriptor.open(zero, .readOnly)
                _ = try descriptor.readByte()
                return descriptor
            })
        #expect(outcome.descriptorsLeftOpen == 1)
    }

    @Test func callsAreCountedAndNoneFails() throws {
        #expect(try countCalls(readZero) == 3)
        #expect(withFailingCall(4, .ioError, readZero) == nil)
    }

    @Test func glibcCallsFromSwiftFail() {
        var status = stat()
        #expect(failure { unsafe stat("/", &status) } == "stat")
        #expect(failure { unsafe lstat("/", &status) } == "lstat")
        #expect(failure { unsafe fstat(0, &status) } == "fstat")
        #expect(failure { unsafe open("/", O_RDONLY) } == "open")
        #expect(failure { unsafe openat(AT_FDCWD, "/", O_RDONLY) } == "openat")
        #expect(failure { socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) } == "socket")
        var count: Int32 = 0
        #expect(failure { unsafe ioctl(0, UInt(FIONREAD), &count) } == "ioctl")
        var link = [CChar](repeating: 0, count: 64)
        #expect(failure { Int32(unsafe readlink("/proc/self", &link, 64)) } == "readlink")
    }

    @Test func aFailedCloseStillCloses() throws {
        let descriptor = unsafe open("/dev/null", O_RDONLY)
        #expect(failure { close(descriptor) } == "close")
        #expect(readlinkOfDescriptor(descriptor) != "/dev/null")
    }

    @Test func otherThreadsAreUntouched() throws {
        let outcome = withFailingCall(1, .ioError) {
            let thread = Thread { _ = try? readZero() }
            thread.start()
            while !thread.isFinished { usleep(100) }
        }
        #expect(outcome == nil)
    }

    @Test func aFileIsCreatedWithItsMode() throws {
        let path = NSTemporaryDirectory() + "mode-\(UUID().uuidString)"
        defer { unsafe unlink(path) }
        let descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .exclusiveCreate],
            permissions: .ownerRead)
        try descriptor.close()
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o400)
    }
}

extension FileDescriptor {
    fileprivate func readByte() throws -> UInt8 {
        var byte: UInt8 = 1
        _ = try unsafe withUnsafeMutableBytes(of: &byte) { try unsafe read(into: $0) }
        return byte
    }
}

/// An open, a read and a close, which all report their failure.
@Sendable private func readZero() throws {
    let descriptor = try FileDescriptor.open(zero, .readOnly)
    do {
        _ = try descriptor.readByte()
    } catch {
        try? descriptor.close()
        throw error
    }
    try descriptor.close()
}

/// The name of the call that failed as it was told to.
private func failure(_ call: () -> Int32) -> String {
    let outcome = withFailingCall(1, .ioError) {
        if call() < 0 { throw Errno(rawValue: errno) }
    }
    guard case .failure(let error)? = outcome?.result, error as? Errno == .ioError else {
        return "none"
    }
    return outcome?.failedCall ?? ""
}

private func readlinkOfDescriptor(_ descriptor: Int32) -> String {
    let path = "/proc/self/fd/\(descriptor)"
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
}
