import Exporter
import Foundation
import Owners
import Procfs
import SockDiag
import TCPModel
import TableFakes
import TestSupport
import Testing

/// All network namespaces of the host in one exposition. Other tests have namespaces of their own at the
/// same time, so each test looks at the ones that it made.
@Suite(.requires(.networkNamespaces))
struct NetworkNamespaceTests {
    /// A process with ten established connections, five of each end.
    private static func load(_ options: [String] = []) throws -> ChildProcess {
        let child = try ChildProcess(testProgram("tcptable_testload"), ["5"] + options)
        try child.awaitOutput("ready")
        return child
    }

    private static func scraper(_ scope: NetworkNamespaceScope) -> Scraper {
        let procfs = ProcFS()
        return Scraper(
            ScraperOptions(networkNamespaces: scope, host: procfs),
            source: SockDiagSource(procfs), resolver: OwnerResolver(procfs))
    }

    /// The established connections of the load, by the exposition's account of one namespace.
    private static func established(_ text: MetricsText, in label: String) -> [Double?] {
        [
            text.value(
                "tcptable_connections",
                ["netns": label, "family": "ipv4", "state": "established"]),
            text.value(
                "tcptable_module_connections",
                [
                    "netns": label, "module": "tcptable_testload", "kind": "process",
                    "state": "established",
                ]),
        ]
    }

    @Test func aNamespaceWithoutANameIsLabelledByItsInode() throws {
        var (label, load): (String, ChildProcess?) = ("", nil)
        try inNewNetworkNamespace {
            label = String(try networkNamespaceInode())
            load = try Self.load()
        }
        var scraper = Self.scraper(.all)
        let text = try MetricsText(scraper.scrape().exposition)
        #expect(Self.established(text, in: label) == [10, 10])
        #expect(text.value("tcptable_ephemeral_ports", ["netns": label]) ?? 0 > 0)
        load?.endInput()
        _ = try load?.wait()
    }

    @Test func aNamespaceThatIsGoneLeavesNoSeriesAndIsNotKept() throws {
        var (label, load): (String, ChildProcess?) = ("", nil)
        try inNewNetworkNamespace {
            label = String(try networkNamespaceInode())
            load = try Self.load()
        }
        var scraper = Self.scraper(.all)
        #expect(try MetricsText(scraper.scrape().exposition).samples(of: label) > 0)
        load?.endInput()
        _ = try load?.wait()
        // The kernel gives the number away again, to another test's namespace for one, which ends too.
        let deadline = ContinuousClock.now + .seconds(45)
        var isGone = false
        while !isGone, ContinuousClock.now < deadline {
            let scrape = scraper.scrape()
            let inodes = try ProcFS().networkNamespaces().others.map(\.inode)
            isGone =
                try MetricsText(scrape.exposition).samples(of: label) == 0
                && !inodes.map(String.init).contains(label)
        }
        #expect(isGone)
    }

    /// The path to a namespace without a name leads through one of its processes.
    @Test func aNamespaceKeepsItsSeriesWhenTheProcessThatLedToItEnds() throws {
        var (label, loads): (String, [ChildProcess]) = ("", [])
        try inNewNetworkNamespace {
            label = String(try networkNamespaceInode())
            loads = [try Self.load(["--churn"]), try Self.load()]
        }
        let listening = [
            "netns": label, "module": "tcptable_testload", "kind": "process", "state": "listen",
        ]
        var scraper = Self.scraper(.all)
        let before = try MetricsText(scraper.scrape().exposition)
        #expect(before.value("tcptable_module_connections", listening) == 1)
        loads[0].endInput()
        _ = try loads[0].wait()
        let after = try MetricsText(scraper.scrape().exposition)
        #expect(after.value("tcptable_module_connections", listening) == 0)
        #expect(Self.established(after, in: label) == [10, 10])
        loads[1].endInput()
        _ = try loads[1].wait()
    }

    @Test(.requires(.tool("ip"))) func aNamespaceWithANameIsLabelledByIt() throws {
        let name = "tcptable-\(getpid())"
        #expect(try run(try #require(toolPath("ip")), ["netns", "add", name]).status == .exited(0))
        defer { _ = try? run(toolPath("ip") ?? "ip", ["netns", "del", name]) }
        let ip = try #require(toolPath("ip"))
        _ = try run(ip, ["-n", name, "link", "set", "lo", "up"])
        let load = try ChildProcess(
            ip, ["netns", "exec", name, testProgram("tcptable_testload"), "5"])
        try load.awaitOutput("ready")
        var scraper = Self.scraper(.all)
        let text = try MetricsText(scraper.scrape().exposition)
        #expect(Self.established(text, in: name) == [10, 10])
        load.endInput()
        _ = try load.wait()
    }

    /// Inside, a user can be whoever they like.
    @Test(.requires(.root), .requires(.tool("setpriv")), .requires(.tool("unshare")))
    func aNamespaceIsTheUsersWhoBeganHoweverDeepItIs() throws {
        let user: UInt32 = 12_345
        let child = try ChildProcess(
            "setpriv",
            ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
                + ["unshare", "-Ur", "unshare", "-Urn", "sh", "-c", "echo ready; exec cat"])
        try child.awaitOutput("ready")
        let link = "/proc/\(child.processID)/ns/net"
        let inode = try run("stat", ["-L", "-c", "%i", link]).standardOutput
            .trimmingCharacters(in: .newlines)
        let found = try ProcFS().networkNamespaces().others.filter { $0.label == inode }
        #expect(found.map(\.userID) == [user])
        child.endInput()
        _ = try child.wait()
    }

    /// A listener in one namespace says nothing of a connection to the same address in another.
    @Test(arguments: [SocketScenario.notAccepted, .synReceived])
    func connectionsAreConservedInEveryNamespace(_ scenario: SocketScenario) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, .ipv4)
            defer { held.close() }
            var scraper = Self.scraper(.all)
            let text = try MetricsText(scraper.scrape().exposition)
            #expect(text.value("tcptable_modules_folded") != nil)
            for label in Set(text.samples("tcptable_connections").map { $0["netns"] }) {
                let whole = text.sum("tcptable_connections", in: label)
                let owned = text.sum("tcptable_module_connections", in: label)
                let unowned = text.sum("tcptable_unattributed_connections", in: label)
                #expect(whole == owned + unowned, "\(label)")
                #expect(whole == text.sum("tcptable_offload_connections", in: label), "\(label)")
            }
        }
    }

    @Test func oneNamespaceAloneHasNoLabel() throws {
        try inNewNetworkNamespace {
            var scraper = Self.scraper(.own)
            let text = try MetricsText(scraper.scrape().exposition)
            #expect(text.families.allSatisfy { $0.samples.allSatisfy { $0["netns"] == "" } })
        }
    }

    @Test func withoutTheRightTheOwnNamespaceIsReadAndOneWarningGiven() throws {
        var load: ChildProcess?
        try inNewNetworkNamespace { load = try Self.load() }
        try withoutCapabilities {
            var scraper = Self.scraper(.all)
            let scrape = scraper.scrape()
            let text = try MetricsText(scrape.exposition)
            #expect(scrape.isTableRead)
            #expect(text.samples("tcptable_connections").allSatisfy { $0["netns"] == "" })
            #expect(scrape.problems.count { $0.contains("network namespaces") } == 1)
            #expect(text.samples("tcptable_scrape_collector_success").allSatisfy { $0.value == 1 })
        }
        load?.endInput()
        _ = try load?.wait()
    }
}

extension MetricsText {
    /// How many samples a namespace has.
    fileprivate func samples(of label: String) -> Int {
        families.reduce(0) { $0 + $1.samples.count { $0["netns"] == label } }
    }

    fileprivate func sum(_ name: String, in label: String) -> Double {
        samples(name).filter { $0["netns"] == label }.reduce(0) { $0 + $1.value }
    }
}
