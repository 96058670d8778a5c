import Exposition
import HostFakes
import Linux
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

/// What the page calls a problem, from rows to sentences.
struct ProblemTests {
    /// The problems of a scrape of rows.
    private func problems(_ stage: Stage) throws -> [Problem] {
        _ = try stage.scrape()
        let scrape = try #require(stage.lastScrape)
        return ProblemFinder.problems(
            PageTables(scrape.samples), scrape.history, scrape.suspects)
    }

    private func problems(_ rows: [TCPConnection]) throws -> [Problem] {
        let stage = try Stage()
        stage.script.next.rows = rows
        return try problems(stage)
    }

    /// A host with one program, PID 812, that holds sockets in a state.
    private func stage(_ state: TCPState, _ count: Int, more: [TCPConnection] = []) throws -> Stage
    {
        let stage = try Stage()
        let inodes = (0..<UInt32(count)).map { 1000 + $0 }
        try stage.host.add(812, executable: "/bin/web", sockets: inodes + [1, 2, 3])
        stage.script.next.rows = inodes.map { .row(state, port: 8080, inode: $0) } + more
        return stage
    }

    @Test func aFullAcceptQueueIsCritical() throws {
        let listener = TCPConnection.row(.listen, port: 8080, inode: 1, queues: (129, 128))
        let problem = try #require(try problems(stage(.listen, 0, more: [listener])).first)
        #expect(problem.severity == .critical && problem.title == "Accept queue full")
        #expect(problem.module?.name == "web")
        #expect(problem.places == ["port 8080", "PID 812"])
        #expect(problem.text.hasPrefix("129 connections wait in a queue for 128. "))
        #expect(problem.command == "tcptable --listening --port 8080")
    }

    @Test(
        arguments: [
            (17, 16, "Accept queue full"), (16, 16, "Accept queue nearly full"),
            (13, 16, "Accept queue nearly full"), (12, 15, nil),
            (103, 128, "Accept queue nearly full"),
            (102, 128, nil), (6, 5, nil),
        ] as [(UInt32, UInt32, String?)])
    func queuesAreJudgedAsByTheAlerts(_ length: UInt32, _ limit: UInt32, _ title: String?) throws {
        let found = try problems([.row(.listen, port: 80, queues: (length, limit))])
        #expect(found.map(\.title) == (title.map { [$0] } ?? []))
    }

    @Test(
        arguments: [
            (TCPState.closeWait, 100, "Connections are not closed"), (.closeWait, 99, nil),
            (.synSent, 50, "Unanswered connection attempts"), (.synSent, 49, nil),
            (.finWait2, 100, "Peers do not close their side"), (.established, 1000, nil),
            (.finWait1, 1000, "Closed connections are not acknowledged"), (.lastAck, 999, nil),
        ] as [(TCPState, Int, String?)])
    func connectionsAreJudgedAsByTheAlerts(_ state: TCPState, _ count: Int, _ title: String?) throws
    {
        let found = try problems(stage(state, count))
        #expect(found.map(\.title) == (title.map { [$0] } ?? []))
    }

    @Test func aProblemNamesTheProgramThePortAndTheProcess() throws {
        let listener = TCPConnection.row(.listen, port: 8080, inode: 1, queues: (0, 128))
        let problem = try #require(try problems(stage(.closeWait, 120, more: [listener])).first)
        #expect(problem.module?.name == "web")
        #expect(problem.places == ["port 8080", "PID 812"])
        #expect(problem.command == "tcptable --module 'web' --state close_wait")
    }

    @Test func ofSeveralProcessesTheOneWithTheMostIsNamed() throws {
        let stage = try stage(.synSent, 30)
        try stage.host.add(900, executable: "/bin/web", sockets: (2000..<2040).map { $0 })
        try stage.host.add(901, executable: "/bin/web", sockets: [3000])
        stage.script.next.rows += (2000..<2040).map {
            .row(.synSent, inode: $0).to("192.0.2.1", 443)
        }
        stage.script.next.rows += [.row(.synSent, inode: 3000)]
        let problem = try #require(try problems(stage).first)
        #expect(problem.places == ["to port 443", "PID 900 and 2 other processes"])
        #expect(
            problem.text.hasPrefix("71 attempts have no answer, and 0 connections are established.")
        )
    }

    @Test func theProcessIsKnownInLaterScrapesAsWell() throws {
        let stage = try stage(.closeWait, 120)
        let first = try problems(stage).map(\.places)
        #expect(first == [["PID 812"]])
        #expect(try problems(stage).map(\.places) == first)
    }

    @Test func aCrawlerHasUnansweredAttemptsAndIsNoProblem() throws {
        let stage = try stage(.synSent, 60)
        let established = (0..<60).map { UInt32(5000 + $0) }
        try stage.host.add(813, executable: "/bin/web", sockets: established)
        stage.script.next.rows += established.map { .row(.established, inode: $0) }
        #expect(try problems(stage).isEmpty)
    }

    @Test func whatHasNoOwnerIsNamedByItsReason() throws {
        let rows = (0..<100).map { TCPConnection.row(.closeWait, inode: UInt32(100 + $0)) }
        let problem = try #require(try problems(rows).first)
        #expect(problem.module?.isAttributed == false)
        #expect(problem.command == "tcptable --by module --state close_wait")
    }

    /// A new scrape of the same rows is no growth.
    @Test func aNumberThatStaysIsNoLeak() throws {
        let stage = try stage(.closeWait, 99)
        for _ in 0..<3 { #expect(try problems(stage).isEmpty) }
    }

    @Test func growthIsSaidWithItsTime() throws {
        let labels = LabelSet([("module", "web"), ("kind", "process")])
        var samples = TextExposition()
        samples.write(Metric.moduleConnections) {
            $0.append(labels, LabelSet([("state", "close_wait")]), value: 76)
        }
        var history = ScrapeHistory()
        for index in 0...40 {
            history.begin(at: MonotonicTime(nanoseconds: Int64(index) * 30_000_000_000))
            history.note(.closeWait(labels, ""), UInt64(index < 3 ? 0 : 2 * (index - 2)))
        }
        let problem = try #require(
            ProblemFinder.problems(PageTables(samples), history, []).first)
        #expect(problem.title == "Connections leak" && problem.places == [])
        #expect(
            problem.text == "76 connections are closed by the peer but not by the program, 76 more "
                + "than 20 minutes ago. Each holds a file descriptor.")
    }

    @Test func dropsAreSaidWithTheirTime() throws {
        let labels = LabelSet([
            ("module", "web"), ("kind", "process"), ("family", "ipv4"), ("address", "0.0.0.0"),
            ("port", "80"),
        ])
        var samples = TextExposition()
        samples.write(Metric.listenerBacklog) { $0.append(labels, value: 0) }
        samples.write(Metric.listenerBacklogLimit) { $0.append(labels, value: 128) }
        samples.write(Metric.listenerDropped) { $0.append(labels, value: 1_200) }
        var history = ScrapeHistory()
        for index in 0...6 {
            history.begin(at: MonotonicTime(nanoseconds: Int64(index) * 30_000_000_000))
            history.note(.drops(labels, ""), 1_000 + UInt64(index))
        }
        #expect(ProblemFinder.problems(PageTables(samples), history, []).isEmpty)
        history.begin(at: MonotonicTime(nanoseconds: 210_000_000_000))
        history.note(.drops(labels, ""), 1_200)
        let problem = try #require(
            ProblemFinder.problems(PageTables(samples), history, []).first)
        #expect(problem.severity == .critical && problem.title == "Connections are dropped")
        #expect(problem.text.hasPrefix("197 new connections were dropped in the last 2 minutes."))
    }

    @Test func portsThatRunOutAreAProblem() throws {
        let rows = (0..<2).map {
            TCPConnection.row(.established, port: 40_000 + $0).to("192.0.2.1", 443)
        }
        let stage = try Stage()
        try stage.host.set(ephemeralPorts: "40000\t40001\n")
        stage.script.next.rows = rows
        let problem = try #require(try problems(stage).first)
        #expect(problem.title == "Ephemeral ports are running out")
        #expect(problem.text.hasPrefix("One destination uses 100 % of them, 2 of 2."))
    }

    @Test func theWorstComesFirst() throws {
        let stage = try stage(.closeWait, 100)
        stage.script.next.rows += [
            .row(.listen, port: 1, queues: (20, 16)), .row(.listen, port: 2, queues: (60, 50)),
            .row(.listen, port: 3, queues: (15, 16)),
        ]
        #expect(
            try problems(stage).map(\.places.first) == ["port 2", "port 1", "PID 812", "port 3"])
    }
}

/// Commands for a shell, with names that anybody can choose.
struct ShellCommandTests {
    private func module(_ name: String, in namespace: String = "") -> PageModule {
        var module = PageModule(reason: name, namespace: namespace)
        module.kind = "process"
        return module
    }

    @Test(arguments: ["web.service", "docker-shop/api", "a@b:c+d", "1000/x"])
    func aPlainNameIsInTheCommand(_ name: String) {
        #expect(
            ShellCommand.connections(of: module(name), .synSent)
                == "tcptable --module '\(name)' --state syn_sent")
    }

    @Test(arguments: ["a b", "a'b", "$(x)", "-x", "", "a\nb", "a*", "é"])
    func anyOtherNameIsNot(_ name: String) {
        #expect(
            ShellCommand.connections(of: module(name), .synSent)
                == "tcptable --by module --state syn_sent")
    }

    @Test(arguments: [
        ("blue", "ip netns exec blue tcptable --listening"),
        (
            "4026531840",
            "nsenter -n -t $(lsns -nro PID 4026531840 | head -n 1) tcptable --listening"
        ),
        ("docker-web", "nsenter -n -t PID tcptable --listening"),
        ("a;b", "nsenter -n -t PID tcptable --listening"),
    ]) func theNamespaceIsEntered(_ namespace: String, _ command: String) {
        #expect(ShellCommand.tcptable("--listening", in: namespace) == command)
    }

    @Test func numbersAreGroupedAndPartsAreNeverZero() {
        #expect(
            [0.0, 999, 1000, 38_000, 1_234_567].map(\.grouped) == [
                "0", "999", "1,000", "38,000", "1,234,567",
            ])
        #expect([0, 0.001, 0.834, 1].map(\.percent) == ["0 %", "< 1 %", "83 %", "100 %"])
        #expect(
            [0.0, 512, 1500, 64_000_000].map(\.byteText) == ["0 B", "512 B", "1.5 kB", "64 MB"])
        #expect(1.0.counted("socket", "is", "are") == "1 socket is")
        #expect(Duration.seconds(89).spelled == "89 seconds")
        #expect(Duration.seconds(90).spelled == "2 minutes")
    }
}
