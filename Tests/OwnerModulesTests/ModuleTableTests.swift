import Procfs
import Testing

@testable import OwnerModules

struct ModuleTableTests {
    private let nginx = OwnerModule(name: "nginx.service", kind: .service)
    private let curl = OwnerModule(name: "curl", kind: .process)

    private func process(_ pid: Int32, _ start: UInt64) -> ProcessIdentity {
        ProcessIdentity(process: ProcessID(rawValue: pid), startTimeTicks: start)
    }

    @Test func aModuleLivesAsLongAsItIsSeen() {
        var table = ModuleTable()
        table.beginScrape()
        let index = table.see(nginx)
        table.endScrape()
        for _ in 0..<3 {
            table.beginScrape()
            #expect(table.see(nginx) == index)
            table.endScrape()
            #expect(table.living == [index])
        }
        table.beginScrape()
        table.endScrape()
        #expect(table.living.isEmpty)
    }

    @Test func aPlaceIsUsedAgainAndABirthIsNot() {
        var table = ModuleTable()
        table.beginScrape()
        let first = table.see(nginx)
        let birth = table[first].birth
        table.endScrape()
        table.beginScrape()
        table.endScrape()
        table.beginScrape()
        let second = table.see(nginx)
        table.endScrape()
        #expect(second == first)
        #expect(table.capacity == 1)
        #expect(table[second].birth != birth)
    }

    @Test func kindsTellModulesOfOneNameApart() {
        var table = ModuleTable()
        let service = table.see(OwnerModule(name: "a", kind: .service))
        let process = table.see(OwnerModule(name: "a", kind: .process))
        #expect(service != process)
        #expect(table[service].module < table[process].module)
    }

    @Test func thePathIsThatOfTheEarliestStartedProcess() {
        var table = ModuleTable()
        table.beginScrape()
        let index = table.see(nginx)
        #expect(table[index].path == "")
        _ = table.see(nginx, path: "/late", process: process(5, 200))
        _ = table.see(nginx, path: "/early", process: process(9, 100))
        _ = table.see(nginx, path: "/later", process: process(7, 300))
        _ = table.see(nginx)
        #expect(table[index].path == "/early")
        table.endScrape()
        table.beginScrape()
        _ = table.see(nginx, path: "/later", process: process(7, 300))
        #expect(table[index].path == "/later")
    }

    @Test func manyModulesComeAndGo() {
        var table = ModuleTable()
        var expected: Set<OwnerModule> = []
        for _ in 0..<500 {
            table.beginScrape()
            expected = Set(
                (0..<20).map { _ in
                    OwnerModule(name: "\(Int.random(in: 0..<60))", kind: .process)
                })
            let indices = Dictionary(uniqueKeysWithValues: expected.map { ($0, table.see($0)) })
            table.endScrape()
            #expect(Set(indices.values).count == expected.count)
            #expect(Set(table.living.map { table[$0].module }) == expected)
            #expect(table.capacity <= 40)
        }
    }
}

struct ProcessVisibilityTests {
    /// Denied processes, hidden ones, a nested namespace, seen again: the reason.
    @Test(
        arguments: [
            (0, false, false, false, .partial), (0, false, false, true, .notFound),
            (0, false, true, false, .notFound), (0, false, true, true, .notFound),
            (1, false, false, false, .protected), (1, false, true, true, .protected),
            (0, true, false, false, .protected), (0, true, false, true, .protected),
            (3, true, true, true, .protected),
        ] as [(Int, Bool, Bool, Bool, UnattributedReason)])
    func aMissingRightExplainsMoreThanAnythingElse(
        _ denied: Int, _ areHidden: Bool, _ isNested: Bool, _ isSeenAgain: Bool,
        _ reason: UnattributedReason
    ) {
        let visibility = ProcessVisibility(
            deniedProcessCount: denied, areProcessesHidden: areHidden, isNamespaceNested: isNested)
        #expect(visibility.reason(isSeenAgain: isSeenAgain) == reason)
    }
}
