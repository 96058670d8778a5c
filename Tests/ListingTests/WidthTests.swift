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

    @Test(arguments: [false, true]) func noRowIsWiderThanTheTerminal(_ offload: Bool) throws {
        let stage = try Self.stage(offload: offload)
        let full = try stage.lines().map(width).max() ?? 0
        #expect(full > 130)
        for columnsMax in 1...full + 1 {
            for line in try stage.lines(TextStyle(columnsMax: columnsMax)) {
                #expect(width(line) <= columnsMax, "\(columnsMax): \(line)")
                #expect(!line.isEmpty)
            }
        }
    }

    @Test func textThatFitsIsNotCut() throws {
        let stage = try Self.stage()
        let full = try stage.lines()
        #expect(try stage.lines(TextStyle(columnsMax: full.map(width).max())) == full)
        #expect(!full.joined().contains("…"))
    }

    @Test func theModuleShrinksFirst() throws {
        let stage = try Self.stage(offload: true)
        let full = try stage.lines()
        let widest = full.map(width).max() ?? 0
        let cut = try stage.lines(TextStyle(columnsMax: widest - 10))
        #expect(cut.map { words($0)[0...5] } == full.map { words($0)[0...5] })
        #expect(words(cut[4])[6].hasSuffix("…"))
    }

    @Test func anAddressThatIsCutKeepsItsPort() throws {
        let stage = try Self.stage()
        let row = words(try stage.lines(TextStyle(columnsMax: 100))[4])
        #expect(row[1].hasSuffix("…:443") && row[1].hasPrefix("[2001:db8"))
        #expect(row[2].hasSuffix("…:65535") && row[2].hasPrefix("[2001:db8"))
    }

    @Test func aNarrowTerminalHidesAColumnWithoutInformation() throws {
        let short = try Self.stage().lines(TextStyle(columnsMax: 80))
        #expect(words(short[0]).last == "MODULE")
        let telling = try Self.stage(offload: true).lines(TextStyle(columnsMax: 110))
        #expect(words(telling[0]).last == "OFFLOAD")
    }

    @Test func columnsAreAlignedWhateverTheNames() throws {
        let lines = try Self.stage().lines()
        let ends = lines.map { line in
            line.firstRange(of: /in_host|OFFLOAD/).map { width(String(line[..<$0.lowerBound])) }
        }
        #expect(Set(ends).count == 1)
    }

    @Test func inALocaleWithoutUTF8ACutIsATilde() throws {
        let lines = try Self.stage().lines(TextStyle(columnsMax: 90, charset: .ascii))
        #expect(lines.joined().contains("~") && !lines.joined().contains("…"))
    }
}
