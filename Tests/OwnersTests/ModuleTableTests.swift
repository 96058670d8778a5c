import SystemPackage
import TCPModel
import Testing

@testable import Owners

struct ModuleTableTests {
    private let nginx = ModuleIdentity.service(unit: Array("nginx.service".utf8))
    private let curl = ModuleIdentity.executable(path: Array("/usr/bin/curl".utf8))

    private func process(_ pid: Int32, _ start: UInt64) -> ProcessIdentity {
        ProcessIdentity(process: ProcessID(rawValue: pid), startTimeTicks: start)
    }

    @Test func aModuleLivesAsLongAsItIsSeen() {
        var table = ModuleTable()
        table.beginScrape()
        let index = table.touch(nginx)
        table.endScrape()
        for _ in 0..<3 {
            table.beginScrape()
            #expect(table.touch(nginx) == index)
            table.endScrape()
            #expect(table.living == [index])
        }
        table.beginScrape()
        table.endScrape()
        #expect(table.living.isEmpty)
    }

    @Test func aPlaceIsReused() {
        var table = ModuleTable()
        table.beginScrape()
        let first = table.touch(nginx)
        table.endScrape()
        table.beginScrape()
        table.endScrape()
        table.beginScrape()
        let second = table.touch(curl)
        table.endScrape()
        #expect(second == first)
        #expect(table.capacity == 1)
    }

    @Test func identitiesOfOneNameAreTwoModules() {
        var table = ModuleTable()
        let service = table.touch(.service(unit: Array("a".utf8)))
        let process = table.touch(.executable(path: Array("/bin/a".utf8)))
        let other = table.touch(.executable(path: Array("/opt/a".utf8)))
        #expect(Set([service, process, other]).count == 3)
        #expect(table[service].module < table[process].module)
        #expect(table[process].module == table[other].module)
    }

    @Test func namesThatOnlyUnicodeCallsEqualAreTwoModules() {
        let composed = OwnerModule(.executable(path: Array("/bin/\u{E9}".utf8)))
        let decomposed = OwnerModule(.executable(path: Array("/bin/e\u{301}".utf8)))
        #expect(composed.name == decomposed.name)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func thePathIsThatOfTheEarliestStartedProcess() {
        var table = ModuleTable()
        table.beginScrape()
        let index = table.touch(nginx)
        #expect(table[index].path == "")
        _ = table.touch(nginx, path: "/late", process: process(5, 200))
        _ = table.touch(nginx, path: "/early", process: process(9, 100))
        _ = table.touch(nginx, path: "/later", process: process(7, 300))
        _ = table.touch(nginx)
        #expect(table[index].path == "/early")
        table.endScrape()
        table.beginScrape()
        _ = table.touch(nginx, path: "/later", process: process(7, 300))
        #expect(table[index].path == "/later")
    }

    @Test func manyModulesComeAndGo() {
        var table = ModuleTable()
        var expected: Set<ModuleIdentity> = []
        for _ in 0..<500 {
            table.beginScrape()
            expected = Set(
                (0..<20).map { _ in
                    .executable(path: Array("/bin/\(Int.random(in: 0..<60))".utf8))
                })
            let indices = Dictionary(uniqueKeysWithValues: expected.map { ($0, table.touch($0)) })
            table.endScrape()
            #expect(Set(indices.values).count == expected.count)
            #expect(Set(table.living.map { table[$0].identity }) == expected)
            #expect(table.capacity <= 40)
        }
    }
}

struct HolderVisibilityTests {
    /// Denied processes, hidden ones, a nested namespace: the reason at once, and if the socket is there
    /// at a later scrape too, for a user's socket and for root's.
    @Test(
        arguments: [
            (0, false, false, [.partial, .notFound, .kernel]),
            (0, false, true, [.notFound, .notFound, .notFound]),
            (1, false, false, [.protected, .protected, .protected]),
            (1, false, true, [.protected, .protected, .protected]),
            (0, true, false, [.protected, .protected, .protected]),
            (3, true, true, [.protected, .protected, .protected]),
        ] as [(Int, Bool, Bool, [UnattributedReason])])
    func aMissingRightExplainsMoreThanAnythingElse(
        _ denied: Int, _ areHidden: Bool, _ isNested: Bool, _ reasons: [UnattributedReason]
    ) {
        let visibility = HolderVisibility(
            deniedProcessCount: denied, areProcessesHidden: areHidden, isNamespaceNested: isNested)
        #expect(
            [
                visibility.reason, visibility.reasonSeenAgain(isRoots: false),
                visibility.reasonSeenAgain(isRoots: true),
            ] == reasons)
    }

    @Test(arguments: [
        (
            1, 26, false,
            "1 process (PID 1, init): Permission denied; up to 26 connections may be its"
        ),
        (
            3, 1, true,
            "3 processes (PID 1, init, and others): Permission denied; up to 1 connection may be "
                + "theirs; CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH permit it"
        ),
    ])
    func whichProcessIsDeniedIsSaidWhereConnectionsAreAffected(
        _ denied: Int, _ protectedCount: UInt64, _ wouldHelp: Bool, _ text: String
    ) {
        let process = UnreadableProcess(
            process: .initial, command: Array("init".utf8), errno: .permissionDenied)
        let visibility = HolderVisibility(
            deniedProcessCount: denied, deniedProcess: process, wouldCapabilitiesHelp: wouldHelp)
        #expect(
            visibility.problems(protectedCount: protectedCount)
                == ["cannot read the descriptors of " + text])
        #expect(visibility.problems(protectedCount: 0).isEmpty)
    }

    @Test func whatIsHiddenIsSaidOnceAndSaidTheSame() {
        var notice = ProtectionNotice()
        let hidden = HolderVisibility(areProcessesHidden: true)
        #expect(notice.problems(hidden, protectedCount: 0).isEmpty)
        let first = notice.problems(hidden, protectedCount: 7)
        #expect(
            first == [
                "/proc hides other users' processes (mount option hidepid): up to 7 connections may be "
                    + "theirs"
            ])
        for count in [9, 0, 7] as [UInt64] {
            #expect(notice.problems(hidden, protectedCount: count) == first)
        }
        #expect(notice.problems(HolderVisibility(), protectedCount: 7).isEmpty)
        #expect(notice.problems(hidden, protectedCount: 0).isEmpty)
    }

    @Test func aFailureExplainsNothingForGood() {
        let error = FileError(.open, "/proc/7/fd", .tooManyOpenFiles)
        let visibility = HolderVisibility(failure: error)
        #expect(visibility.reason == .partial)
        #expect(visibility.reasonSeenAgain(isRoots: true) == .partial)
    }
}
