import Foundation
import Testing

@testable import Listing
@testable import TCPModel

/// What people may write on the command line.
struct SpellingTests {
    @Test(arguments: [
        ("ESTAB", TCPState.established), ("established", .established), ("TIME-WAIT", .timeWait),
        ("time_wait", .timeWait), ("timewait", .timeWait), ("syn-recv", .synRecv),
        ("SYN_RECV", .synRecv), ("syn-rcv", .synRecv), ("FIN-WAIT-1", .finWait1),
        ("fin_wait2", .finWait2), ("close-wait", .closeWait), ("closed", .close),
        ("UNCONN", .close), ("listening", .listen), ("LISTEN", .listen), ("last-ack", .lastAck),
    ])
    func aStateHasTheSpellingsOfSS(_ text: String, _ state: TCPState) throws {
        #expect(try RowFilter.states(text) == [state])
    }

    @Test func groupsOfStatesAreThoseOfSS() throws {
        let all = Set(TCPState.allCases)
        #expect(try Set(RowFilter.states("all")) == all)
        #expect(try Set(RowFilter.states("connected")) == all.subtracting([.listen, .close]))
        #expect(
            try Set(RowFilter.states("synchronized"))
                == all.subtracting([.listen, .close, .synSent]))
        #expect(try Set(RowFilter.states("bucket")) == [.synRecv, .timeWait])
        #expect(try Set(RowFilter.states("big")) == all.subtracting([.synRecv, .timeWait]))
    }

    @Test(arguments: [
        ("estblished", "nearest: established"), ("syn", "nearest: syn_recv, syn_sent"),
        ("clos-wait", "the states are close"),
    ])
    func aMistypedStateIsAnsweredWithTheNearest(_ text: String, _ words: String) {
        let error = #expect(throws: InvalidArgument.self) { try RowFilter.states(text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(
        arguments: [
            ("443", 443...443), (":443", 443...443), ("8000-8999", 8000...8999), ("1-1", 1...1),
        ] as [(String, ClosedRange<UInt16>)])
    func aPortIsANumberOrARange(_ text: String, _ ports: ClosedRange<UInt16>) throws {
        #expect(try RowFilter.ports(text) == [ports])
    }

    @Test(arguments: ["2-1", "1-", "-1", "0-5", "1-65536", "1-2-3"])
    func aRangeThatIsNoneIsRefused(_ text: String) {
        #expect(throws: InvalidArgument.self) { try RowFilter.ports(text) }
    }

    private static let hasServices = FileManager.default.fileExists(atPath: "/etc/services")

    @Test(.enabled(if: hasServices, "/etc/services"))
    func aPortHasTheNamesOfServices() throws {
        #expect(try RowFilter.ports("https,:ssh") == [443...443, 22...22])
        let error = #expect(throws: InvalidArgument.self) { try RowFilter.ports("htps") }
        #expect(
            error?.description.contains("; nearest: ") == true
                && error?.description.contains("https") == true, "\(error?.description ?? "")")
        #expect(PortNames.all()[22] == "ssh")
    }

    @Test(arguments: [":443", ":443,8443"])
    func onlyAPortStandsWithoutAnOption(_ text: String) throws {
        #expect(try RowFilter.portsAlone(text).first == 443...443)
        #expect(throws: InvalidArgument.self) { try RowFilter.portsAlone("443") }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.1.2.3/8", "10.9.9.9", true), ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("[2001:db8::]/32", "2001:db8::7", true), ("::/0", "10.0.0.1", false),
        ("0.0.0.0/0", "1.2.3.4", true), ("*", "1.2.3.4", true),
    ])
    func aNetworkHasTheAddressesOfItsPrefix(
        _ text: String, _ address: String, _ isInside: Bool
    ) throws {
        let pattern = try #require(try RowFilter.endpoints(text).first)
        let address = try #require(IPAddress(text: address))
        #expect(pattern.contains(address, 80) == isInside)
    }

    @Test(arguments: [
        "10.0.0.0/33", "10.0.0", "example", "[::1", "[::1]x", "::1/129", "10.0.0.1:x-", "/8",
        "10.0.0.0/", "10.0.0.0/-1",
    ])
    func anEndpointThatIsNoneIsRefused(_ text: String) {
        #expect(throws: InvalidArgument.self) { try RowFilter.endpoints(text) }
    }

    @Test func aUserHasANameOrANumber() throws {
        #expect(try RowFilter.users("root,65534") == [0, 65534])
        let error = #expect(throws: InvalidArgument.self) { try RowFilter.users("no such user") }
        #expect(error?.description.contains("no user 'no such user'") == true)
        var names = UserNames()
        #expect(names.name(of: 0) == "root")
        #expect(names.name(of: 4_000_000_000) == nil)
    }

    @Test(arguments: [
        ("nginx", "nginx", true), ("nginx*", "nginx.service", true), ("*", "", true),
        ("n?inx", "nginx", true), ("n?inx", "ninx", false), ("*a*b*c", "xaybzc", true),
        ("*a*b*c", "xaybzcd", false), ("", "", true), ("", "a", false), ("a**", "a", true),
    ])
    func aPatternStandsForNames(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(GlobPattern(pattern).matches(name) == matches)
    }

    /// Exponential time would not end.
    @Test func aPatternOfAsterisksEnds() {
        let pattern = String(repeating: "*a", count: 60) + "*b"
        #expect(!GlobPattern(pattern).matches(String(repeating: "a", count: 128)))
    }

    @Test(arguments: [
        ("nginx", ["nginx.service"]), ("ngnix.service", ["nginx.service"]), ("zzz", []),
        ("NGINX", ["nginx.service"]), ("post", ["postgres"]), ("", []),
    ])
    func theNearestNamesAreSuggested(_ text: String, _ names: [String]) {
        let known = ["nginx.service", "postgres", "sshd"]
        #expect(NearestNames.names(like: text, among: known) == names)
    }

    @Test(arguments: [
        ("pid", ColumnSort("pid")), ("RECV-Q:asc", ColumnSort("recv-q", isDescending: false)),
        ("state:desc", ColumnSort("state", isDescending: true)),
    ])
    func aSortIsAColumnAndADirection(_ text: String, _ sort: ColumnSort) throws {
        #expect(try ColumnSort(text, of: nil) == sort)
    }

    @Test(arguments: ["pids", "", "pid:", "pid:up", "total", "pid:asc:desc"])
    func aSortByWhatIsNoColumnIsRefused(_ text: String) {
        #expect(throws: InvalidArgument.self) { try ColumnSort(text, of: nil) }
    }

    @Test func everyColumnOfASummaryCanBeSortedBy() throws {
        for summary in ListingOptions.Summary.allCases {
            for column in ColumnSort.columns(of: summary) {
                _ = try ColumnSort(column, of: summary)
            }
            #expect(ColumnSort.columns(of: summary).contains("total"))
        }
    }
}
