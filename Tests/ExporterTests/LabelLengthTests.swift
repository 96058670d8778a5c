import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

/// Some stores refuse a whole target for one label value of more than 1,023 bytes.
struct LabelLengthTests {
    private func stage(_ pathByteCountMax: Int? = nil) throws -> Stage {
        let stage = try Stage {
            if let pathByteCountMax { $0.modulePathByteCountMax = pathByteCountMax }
        }
        let deep = String(repeating: "/" + String(repeating: "é", count: 120), count: 15)
        let name = String(repeating: "x", count: 250)
        try stage.host.add(10, executable: "\(deep)/\(name)", sockets: [100])
        try stage.host.add(
            20, executable: "/bin/s", cgroup: "/system.slice/\(name).service", sockets: [200])
        stage.script.next.rows = [
            .row(.listen, port: 80, inode: 100), .row(.listen, port: 81, inode: 200),
            .row(.established, port: 80),
        ]
        return stage
    }

    private func lengths(_ text: MetricsText, _ isIncluded: (String) -> Bool) -> [Int] {
        text.families.flatMap(\.samples).flatMap(\.labels).filter { isIncluded($0.name) }
            .map(\.value.utf8.count)
    }

    @Test func noLabelButPathIsLong() throws {
        let text = try stage().scrape()
        let others = try #require(lengths(text) { $0 != "path" }.max())
        #expect((120...128).contains(others))
        let paths = try #require(lengths(text) { $0 == "path" }.max())
        #expect((500...512).contains(paths))
    }

    @Test(arguments: [32, 33, 128, 512, 513, 1023])
    func pathsAreCutWhereTheOptionSays(_ byteCountMax: Int) throws {
        let text = try stage(byteCountMax).scrape()
        let paths = try #require(lengths(text) { $0 == "path" }.max())
        #expect((byteCountMax - 1...byteCountMax).contains(paths))
    }

    @Test func withNoBytesThereAreNoPaths() throws {
        let text = try stage(0).scrape()
        #expect(lengths(text) { $0 == "path" } == [])
        #expect(text.samples("tcptable_module_info").count == 2)
    }

    @Test func twoLongPathsDoNotBecomeOne() throws {
        let stage = try Stage()
        let deep = String(repeating: "/abcdefghi", count: 300)
        try stage.host.add(10, executable: "\(deep)/1/app", sockets: [100])
        try stage.host.add(20, executable: "\(deep)/2/bpp", sockets: [200])
        let text = try stage.scrape([.row(.listen, inode: 100), .row(.listen, inode: 200)])
        #expect(Set(text.samples("tcptable_module_info").map { $0["path"] }).count == 2)
    }
}
