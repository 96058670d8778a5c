import Foundation
import HostFakes
import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct WidthTests {
    private static func stage(offload: Bool = false) throws -> Stage {
        let stage = try Stage([
            .row(.listen, at: "0.0.0.0", port: 22, inode: 1, queues: (0, 128)),
            .row(.established, at: "192.168.100.101", port: 22, inode: 2).to(
                "192.168.100.102", 54321),
            .row(.closeWait, at: "2001:db8:1:2:3:4:5:6", port: 443, inode: 3).to(
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 65535),
            .row(.established, port: 5, tls: offload ? KernelTLS(.device, .device) : nil),
        ])
        try stage.host.put(1000, .init(executable: "/usr/sbin/sshd", sockets: [3: 1, 4: 2]))
        let name = "日本語という名前のとても長いプログラム"
        try stage.host.put(1_234_567, .init(executable: "/opt/\(name)", sockets: [3: 3]))
        return stage
    }

    /// The addresses of the widest row.
    private static let addresses = [
        "[2001:db8:1:2:3:4:5:6]:443", "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
    ]

    @Test(arguments: [false, true])
    func aListingFitsTheTerminalOrIsComplete(_ offload: Bool) throws {
        let stage = try Self.stage(offload: offload)
        let complete = try stage.lines()
        let full = complete.map(width).max() ?? 0
        #expect(full > 130)
        for columnsMax in 1...full + 1 {
            let lines = try stage.lines(TextStyle(columnsMax: columnsMax))
            let fits = lines.allSatisfy { width($0) <= columnsMax }
            #expect(fits || lines == complete, "\(columnsMax)")
            #expect(lines.contains { line in Self.addresses.allSatisfy(line.contains) })
        }
    }

    @Test func textThatFitsIsNotCut() throws {
        let stage = try Self.stage()
        let full = try stage.lines()
        #expect(try stage.lines(TextStyle(columnsMax: full.map(width).max())) == full)
        #expect(!full.joined().contains("…"))
    }

    @Test func namesAreCutFirst() throws {
        let stage = try Self.stage(offload: true)
        let full = try stage.lines()
        let widest = full.map(width).max() ?? 0
        let cut = try stage.lines(TextStyle(columnsMax: widest - 20))
        #expect(cut.map { words($0)[0...5] } == full.map { words($0)[0...5] })
        #expect(words(cut[4])[7].hasSuffix("…"))
    }

    @Test func aNarrowTerminalLeavesOutColumnsInOrder() throws {
        let stage = try Self.stage()
        let all = ["STATE", "LOCAL", "REMOTE", "RECV-Q", "SEND-Q", "PID", "PROGRAM", "MODULE"]
        var titles: [[String]] = []
        for columnsMax in (100...150).reversed() {
            let shown = words(try stage.lines(TextStyle(columnsMax: columnsMax))[0])
            if shown != titles.last { titles.append(shown) }
        }
        let leftOut = titles.map { shown in all.filter { !shown.contains($0) } }
        #expect(
            leftOut.dropLast() == [
                [], ["PROGRAM"], ["SEND-Q", "PROGRAM"], ["RECV-Q", "SEND-Q", "PROGRAM"],
                ["RECV-Q", "SEND-Q", "PID", "PROGRAM"],
            ])
        #expect(leftOut.last == [])
    }

    @Test func aSummaryOfNumbersIsNeverCut() throws {
        let stage = try Self.stage()
        for summary in ListingOptions.Summary.allCases {
            let complete = try stage.lines { $0.summary = summary }
            for columnsMax in 1...80 {
                let lines = try stage.lines(TextStyle(columnsMax: columnsMax)) {
                    $0.summary = summary
                }
                #expect(lines.map { words($0).last } == complete.map { words($0).last })
            }
        }
    }

    @Test func columnsAreAlignedWhateverTheNames() throws {
        let lines = try Self.stage(offload: true).lines()
        let ends = lines.map { line in
            line.firstRange(of: /in_host|offloaded|OFFLOAD/).map {
                width(String(line[..<$0.lowerBound]))
            }
        }
        #expect(Set(ends).count == 1)
    }

    @Test func inALocaleWithoutUTF8ACutIsATilde() throws {
        let lines = try Self.stage().lines(TextStyle(columnsMax: 110, charset: .ascii))
        #expect(lines.joined().contains("~") && !lines.joined().contains("…"))
    }
}
