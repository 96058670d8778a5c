import CIPHelper
import Foundation
import SystemPackage
import TCPTable
import TestSupport
import Testing

@testable import IPHelper

@Suite(.requires(.networkNamespaces))
struct FailingCallTests {
    @Test func aRowFindsItsOwnerAgain() throws {
        try withSockets([.established]) { _ in
            let rows = try TCPTable.snapshot()
            #expect(rows.count == 4)
            for row in rows {
                #expect(row.process?.id == getpid())
                #expect(MIB_TCPROW_OWNER_MODULE(row).process == row.process)
                #expect(MIB_TCP6ROW_OWNER_MODULE(row).process == row.process)
                let words = MIB_TCPROW_OWNER_MODULE(row).OwningModuleInfo
                #expect(words.1 == row.cookie && words.2 == UInt64(row.inode ?? 0))
                #expect(words.3 == row.cgroupID ?? 0)
            }
        }
    }

    /// Whatever system call fails, the result is a code from the header, and nothing is written.
    @Test(arguments: [Errno.ioError, .tooManyOpenFiles])
    func aFailureLeavesTheBufferAlone(_ error: Errno) throws {
        try withSockets([.established, .notAccepted]) { _ in
            var entry = try #require(
                TCPTable.snapshot(family: .ipv4).first { $0.process != nil }
                    .map { MIB_TCPROW_OWNER_MODULE($0) })
            let tables = withEachCallFailing(error) {
                unsafe Answer.of { buffer, size in
                    unsafe GetTcpTable2(buffer.assumingMemoryBound(to: MIB_TCPTABLE2.self), size, 1)
                }
            }
            let owners = withEachCallFailing(error) {
                unsafe Answer.of { buffer, size in
                    unsafe GetOwnerModuleFromTcpEntry(
                        &entry, TCPIP_OWNER_MODULE_INFO_BASIC, buffer, size)
                }
            }
            for outcomes in [tables, owners] {
                try check(outcomes)
            }
        }
    }

    private func check(_ outcomes: [FaultOutcome<Answer>]) throws {
        #expect(outcomes.count > 5)
        let codes: Set = [NO_ERROR, ERROR_RETRY, 299, 1168, 4, 5, 8, 31]
        for outcome in outcomes {
            let answer = try outcome.result.get()
            #expect(codes.contains(answer.code), "\(outcome.failedCall) \(outcome.nth)")
            if answer.code != NO_ERROR { #expect(answer.isUntouched) }
        }
        #expect(outcomes.contains { (try? $0.result.get().code) != NO_ERROR })
    }
}

/// What a function returned, and whether the buffer and the size are unchanged.
private struct Answer {
    let code: DWORD
    let isUntouched: Bool

    static func of(
        _ function: (UnsafeMutableRawPointer, UnsafeMutablePointer<DWORD>) -> DWORD
    ) -> Answer {
        var buffer = [UInt64](repeating: 0xA5A5, count: 4096)
        var size = DWORD(buffer.count * 8)
        let code = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return ERROR_INVALID_PARAMETER }
            return unsafe function(start, &size)
        }
        let isUntouched = size == 32_768 && buffer.allSatisfy { $0 == 0xA5A5 }
        return Answer(code: code, isUntouched: isUntouched)
    }
}
