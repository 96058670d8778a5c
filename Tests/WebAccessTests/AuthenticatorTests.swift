import Foundation
import Synchronization
import Testing
import WebConfiguration

@testable import MetricsServer
@testable import WebAccess

/// Who is let in, and at what cost; the hashing is the test's.
struct AuthenticatorTests {
    private let stage = Stage()

    @Test func aRightPasswordIsHashedOnce() throws {
        for _ in 0..<50 { #expect(stage.ask("alice", "right-4") == [.accepted]) }
        #expect(stage.costs == [4])
    }

    @Test func aWrongPasswordIsHashedOnceToo() {
        for _ in 0..<50 { #expect(stage.ask("alice", "wrong") == [.refused]) }
        #expect(stage.costs.count == 3)
    }

    /// A hash of cost c is 2 to the c rounds of work.
    @Test(arguments: ["alice", "bob", "carol", "nobody", ""])
    func everyRefusalCostsTheSame(_ user: String) {
        #expect(stage.ask(user, "wrong") == [.refused])
        #expect(stage.costs.map { 1 << $0 }.reduce(0, +) == 1 << 6)
    }

    @Test func aNameThatNobodyHasIsRefusedWhateverTheDecoySays() {
        #expect(stage.ask("nobody", "right-6") == [.refused])
        #expect(stage.ask("nobody", "right-6") == [.refused])
    }

    @Test func withoutCredentialsNothingIsHashed() {
        let verdicts = Verdicts()
        for header in [nil, "", "Basic", "Basic !", "Bearer x"] {
            stage.authenticator.check(
                header, stage.users, from: nil, deliver: verdicts.append)
        }
        #expect(verdicts.all == Array(repeating: .refused, count: 5))
        #expect(stage.costs.isEmpty)
    }

    @Test func onesPasswordIsNotAnothers() {
        #expect(stage.ask("alice", "right-4") == [.accepted])
        #expect(stage.ask("bob", "right-4") == [.refused])
        #expect(stage.ask("alic", "eright-4") == [.refused])
        #expect(stage.ask("alice", "right-5") == [.refused])
        #expect(stage.ask("alice", "right-4") == [.accepted])
    }

    @Test func aVerdictHoldsWhileTheUserHasTheSameHash() {
        #expect(stage.ask("alice", "right-4") == [.accepted])
        #expect(stage.ask("bob", "wrong") == [.refused])
        let count = stage.costs.count
        var others = stage.users
        others.add("dave", .decoy(cost: 4))
        #expect(stage.ask("alice", "right-4", of: others) == [.accepted])
        #expect(stage.ask("bob", "wrong", of: others) == [.refused])
        #expect(stage.costs.count == count)
    }

    @Test func aVerdictIsForgottenWithTheHashOrTheUser() {
        #expect(stage.ask("alice", "right-4") == [.accepted])
        #expect(stage.ask("nobody", "right-5") == [.refused])
        var others = UserList()
        others.add("alice", .decoy(cost: 5))
        #expect(stage.ask("alice", "right-4", of: others) == [.refused])
        #expect(stage.ask("alice", "right-5", of: others) == [.accepted])
        others = UserList()
        others.add("nobody", .decoy(cost: 5))
        #expect(stage.ask("alice", "right-4", of: others) == [.refused])
        #expect(stage.ask("nobody", "right-5", of: others) == [.accepted])
    }

    /// The request came with the old users, and its verdict comes with the new ones.
    @Test func aVerdictOfAnOldHashIsNotUsedForANewOne() {
        stage.holdsThreads = true
        var others = UserList()
        others.add("alice", .decoy(cost: 5))
        let early = stage.start("alice", "right-4")
        let late = stage.start("alice", "right-4", of: others)
        stage.runHeld()
        #expect(early.all == [.accepted] && late.all == [.refused])
    }

    @Test func aFloodOfWrongPasswordsForgetsNobody() {
        #expect(stage.ask("alice", "right-4") == [.accepted])
        for number in 0..<(BasicAuthenticator.refusedMax + 10) {
            #expect(stage.ask("alice", "wrong \(number)") == [.refused])
        }
        let count = stage.costs.count
        #expect(stage.ask("alice", "right-4") == [.accepted])
        #expect(stage.costs.count == count)
    }

    @Test func whoIsKnownDoesNotWaitForWhoIsNot() {
        #expect(stage.ask("alice", "right-4") == [.accepted])
        stage.holdsThreads = true
        let strangers = (0..<100).map { stage.start("alice", "wrong \($0)") }
        #expect(stage.ask("alice", "right-4") == [.accepted])
        let turnedAway = strangers.count { $0.all == [.busy] }
        #expect(turnedAway == 100 - PasswordQueue.lineCountMax)
        stage.runHeld()
        #expect(strangers.count { $0.all == [.refused] } == PasswordQueue.lineCountMax)
    }

    @Test func aFloodOfOneClientHoldsUpNoOther() throws {
        stage.holdsThreads = true
        let flood = (0..<100).map { stage.start("alice", "wrong \($0)", from: 1) }
        let others = (2..<20).map { stage.start("alice", "other \($0)", from: $0) }
        let more = (0..<100).map { stage.start("alice", "again \($0)", from: 1) }
        stage.runHeld()
        #expect(others.allSatisfy { $0.all == [.refused] })
        #expect((flood + more).count { $0.all == [.refused] } == PasswordQueue.lineCountMax)
        let last = try #require(stage.checked.lastIndex { $0.hasPrefix("other") })
        #expect(stage.checked[...last].count { !$0.hasPrefix("other") } == 1)
    }

    @Test func aFloodForOneUserHoldsUpNoOtherUserOfTheSameClient() {
        stage.holdsThreads = true
        for number in 0..<100 { stage.start("alice", "wrong \(number)") }
        let good = stage.start("bob", "right-5")
        for number in 0..<100 { stage.start("alice", "again \(number)") }
        stage.runHeld()
        #expect(good.all == [.accepted])
        #expect(stage.checked.first == "right-5")
    }

    @Test func oneThreadHashesForAll() {
        stage.holdsThreads = true
        let verdicts = (0..<10).map { stage.start("bob", "wrong \($0)") }
        #expect(stage.heldCount == 1)
        stage.runHeld()
        #expect(verdicts.allSatisfy { $0.all == [.refused] })
        _ = stage.start("bob", "another")
        #expect(stage.heldCount == 1)
        stage.runHeld()
    }

    @Test func whoAsksTheSameWaitsForTheSameHash() {
        stage.holdsThreads = true
        let verdicts = (0..<200).map { stage.start("carol", "right-6", from: $0 % 3) }
        stage.runHeld()
        #expect(stage.costs == [6])
        #expect(verdicts.allSatisfy { $0.all == [.accepted] })
        stage.holdsThreads = false
        #expect(stage.ask("carol", "right-6") == [.accepted])
    }

    /// No more than may wait at once.
    @Test func manyThreadsMayAskAtOnce() {
        let stage = Stage(usesThreads: true)
        let verdicts = (0..<8).map { _ in Verdicts() }
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<14 {
                stage.start("alice", number % 2 == 0 ? "right-4" : "wrong", verdicts[thread])
            }
        }
        let deadline = Date(timeIntervalSinceNow: 20)
        while verdicts.contains(where: { $0.all.count < 14 }), Date() < deadline { usleep(1000) }
        for verdicts in verdicts { #expect(verdicts.all.count { $0 == .accepted } == 7) }
        #expect(stage.costs.count <= 4)
    }
}

/// An authenticator whose hashing is counted and whose threads are the test's.
private final class Stage: Sendable {
    let users: UserList
    let authenticator: BasicAuthenticator

    /// The costs of the hashes that were computed.
    var costs: [Int] { log.withLock { $0.map(\.cost) } }
    /// The passwords in the order of their turns.
    var checked: [String] {
        log.withLock { log in
            log.map(\.password).reduce(into: []) { if $0.last != $1 && $1 != "" { $0.append($1) } }
        }
    }
    var heldCount: Int { held.withLock { $0.threads.count } }
    var holdsThreads: Bool {
        get { held.withLock { $0.holds } }
        set { held.withLock { $0.holds = newValue } }
    }

    private let log: Recorded<[(password: String, cost: Int)]>
    private let held: Recorded<(holds: Bool, threads: [@Sendable () -> Void])>

    /// Users alice, bob and carol, at costs 4, 5 and 6; the right password of each names the cost.
    init(usesThreads: Bool = false) {
        var users = UserList()
        for (name, cost) in [("alice", 4), ("bob", 5), ("carol", 6)] {
            users.add(name, .decoy(cost: cost))
        }
        self.users = users
        let log = Recorded<[(password: String, cost: Int)]>([])
        let held = Recorded<(holds: Bool, threads: [@Sendable () -> Void])>((false, []))
        self.log = log
        self.held = held
        authenticator = BasicAuthenticator(
            verify: { password, hash in
                log.withLock { $0.append((String(decoding: password, as: UTF8.self), hash.cost)) }
                return password == Array("right-\(hash.cost)".utf8)
            },
            run: { body in
                if usesThreads { return Thread.detachNewThread(body) }
                let isHeld = held.withLock { held in
                    if held.holds { held.threads.append(body) }
                    return held.holds
                }
                if !isHeld { body() }
            })
    }

    func runHeld() {
        let threads = held.withLock { held in
            defer { held.threads = [] }
            return held.threads
        }
        for thread in threads { thread() }
    }

    @discardableResult
    func start(
        _ user: String, _ password: String, _ verdicts: Verdicts = Verdicts(),
        of users: UserList? = nil, from client: Int = 0
    ) -> Verdicts {
        let header = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        authenticator.check(
            header, users ?? self.users, from: ClientAddress(ipv4: UInt32(client)),
            deliver: verdicts.append)
        return verdicts
    }

    func ask(
        _ user: String, _ password: String, of users: UserList? = nil
    ) -> [BasicAuthenticator.Verdict] {
        start(user, password, of: users).all
    }
}

private final class Recorded<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { value in body(&value) }
    }
}

private final class Verdicts: Sendable {
    private let verdicts = Mutex<[BasicAuthenticator.Verdict]>([])

    @Sendable func append(_ verdict: BasicAuthenticator.Verdict) {
        verdicts.withLock { $0.append(verdict) }
    }

    var all: [BasicAuthenticator.Verdict] { verdicts.withLock { $0 } }
}
