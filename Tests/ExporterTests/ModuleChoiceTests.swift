import Exporter
import HostFakes
import Patterns
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

/// Modules that are left out by name are summed, so that nothing is lost.
struct ModuleChoiceTests {
    /// Modules by executable, with as many connections as their place in the list.
    private func counts(
        _ names: [String], limit: Int = 200, include: String? = nil, exclude: String? = nil
    ) throws -> (modules: [String], folded: Double?) {
        let choice = ModuleChoice(
            included: try include.map { try Pattern($0) },
            excluded: try exclude.map { try Pattern($0) })
        let stage = try Stage(moduleLimit: limit, moduleChoice: choice)
        var rows: [TCPConnection] = []
        for (index, name) in names.enumerated() {
            let inodes = (0...UInt32(index)).map { UInt32(index + 1) * 100 + $0 }
            try stage.host.add(Int32(10 + index), executable: "/bin/\(name)", sockets: inodes)
            rows += inodes.map { .row(.established, inode: $0) }
        }
        _ = try stage.scrape(rows)
        let text = try stage.scrape(rows)
        let modules = text.samples("tcptable_module_connections").map {
            "\($0["module"]) \($0["kind"]) \(Int($0.value))"
        }
        return (modules, text.value("tcptable_modules_folded"))
    }

    @Test(arguments: [
        (nil, nil, ["a process 1", "ab process 2", "b process 3"]),
        ("a", nil, ["a process 1", "other other 5"]),
        ("a.*", nil, ["a process 1", "ab process 2", "other other 3"]),
        (nil, "a", ["ab process 2", "b process 3", "other other 1"]),
        (nil, ".*b", ["a process 1", "other other 5"]),
        ("a.*", "ab", ["a process 1", "other other 5"]), ("x", nil, ["other other 6"]),
        (nil, "", ["a process 1", "ab process 2", "b process 3"]),
    ])
    func whatIsLeftOutIsSummedAsOther(
        _ include: String?, _ exclude: String?, _ expected: [String]
    ) throws {
        let (modules, folded) = try counts(["a", "ab", "b"], include: include, exclude: exclude)
        #expect(modules == expected)
        // Nothing is beyond the limit: that has an alert of its own.
        #expect(folded == 0)
    }

    @Test func theLimitIsForThoseThatAreChosen() throws {
        let (modules, folded) = try counts(["a", "b", "c", "d"], limit: 1, exclude: "d")
        #expect(modules == ["c process 3", "other other 7"])
        #expect(folded == 2)
    }
}
