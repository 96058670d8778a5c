import CIPHelper
import Foundation
import SystemPackage
import TCPTable
import Testing

@testable import IPHelper

/// The pure parts: numbers, codes, texts.
struct ValueTests {
    /// Windows' numbers (iprtrmib.h), spelt out.
    @Test func eachStateHasWindowsNumber() {
        let numbers: [TCPState: UInt32] = [
            .close: 1, .listen: 2, .synSent: 3, .synRecv: 4, .established: 5, .finWait1: 6,
            .finWait2: 7, .closeWait: 8, .closing: 9, .lastAck: 10, .timeWait: 11,
        ]
        for state in TCPState.allCases { #expect(state.code.rawValue == numbers[state]) }
        #expect(OffloadState.allCases.map(\.code.rawValue) == [0, 1, 2, 3])
    }

    @Test(arguments: [0, 1, 80, 443, 32_768, 65_535] as [UInt16])
    func aPortIsInNetworkOrderBelowZeros(_ port: UInt16) {
        #expect(port.inNetworkOrder == DWORD(htons(port)))
    }

    @Test func anAddressKeepsItsBytes() {
        let ipv4 = IPAddress(family: .ipv4, words: (UInt64(littleEndian: 0x0100_007F), 0))
        #expect(ipv4.ipv4 == UInt32(0x7F00_0001).bigEndian)
        let words = (UInt64(bigEndian: 0x2001_0DB8_0000_0001), UInt64(bigEndian: 2))
        let ipv6 = IPAddress(family: .ipv6, words: words)
        unsafe withUnsafeBytes(of: ipv6.ipv6) { bytes in
            #expect(unsafe Array(bytes) == ipv6.bytes)
        }
    }

    @Test func theSpareRoomGrowsWithTheTable() {
        #expect([0, 7, 8, 1000].map(TableQuery.spareRowCount) == [16, 16, 17, 141])
    }

    @Test func aTableLargerThanADWORDIsAnError() {
        var size: DWORD = 0
        let results = unsafe withUnsafeMutablePointer(to: &size) { size in
            [4_294_967_295, 4_294_967_296, Int.max].map { needed in
                unsafe CallerBuffer(nil, size: size)?
                    .write(needed, spareByteCount: 4096) { _ in }
            }
        }
        #expect(
            results == [
                ERROR_INSUFFICIENT_BUFFER, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_ENOUGH_MEMORY,
            ])
        #expect(size == 4_294_967_295)
    }

    @Test func everyErrorHasItsCode() {
        #expect(TCPTableError.notSupported(.protocolNotSupported).code == 50)
        #expect(TCPTableError.unreliable("lost").code == 1237)
        #expect(TCPTableError.failed("", .noMemory).code == 8)
        #expect(TCPTableError.failed("", .tooManyOpenFiles).code == 4)
        #expect(TCPTableError.failed("", .notPermitted).code == 5)
        #expect(TCPTableError.failed("", .ioError).code == 31)
        #expect(OwnerError.notFound(process: nil).code == 1168)
        #expect(OwnerError.changed(process: 1).code == 299)
        #expect(OwnerError.unreadable(process: 1, .noMemory).code == 8)
    }

    @Test(
        arguments: [
            (0, []), (1, [0]), (2, [0x61, 0]), (3, [0x61, 0]), (4, [0x61, 0xC3, 0xA9, 0]),
            (7, [0x61, 0xC3, 0xA9, 0]), (8, [0x61, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80, 0]),
            (9, [0x61, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80, 0]),
        ] as [(Int, [UInt8])])
    func aTextIsCutBetweenCharacters(_ byteCount: Int, _ expected: [UInt8]) {
        var bytes = [UInt8](repeating: 0xEE, count: byteCount)
        unsafe bytes.withUnsafeMutableBytes { unsafe write("aé😀", to: $0) }
        #expect(Array(bytes.prefix(expected.count)) == expected)
        #expect(bytes.dropFirst(expected.count).allSatisfy { $0 == 0xEE })
    }

    @Test func wordsWithoutTheMarkerAreIgnored() {
        var entry = MIB_TCPROW_OWNER_MODULE()
        entry.OwningModuleInfo.4 = 77
        entry.dwOwningPid = 12
        #expect(entry.process == OwningProcess(id: 12))
        for nobody in [0, 0x8000_0000, 0xFFFF_FFFF] as [DWORD] {
            entry.dwOwningPid = nobody
            #expect(entry.process == nil)
        }
    }
}
