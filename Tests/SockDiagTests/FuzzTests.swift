import TCPModel
import Testing

@testable import SockDiag

/// Whatever bytes arrive, they decode or throw. A trap would end the whole test run; the counts show
/// that both happened, so that the mutations were neither too rude nor too kind.
struct FuzzTests {
    /// A million in all, in parts that run side by side.
    private static let rowMutationsPerPart = 150_000
    private static let walkMutationsPerPart = 100_000

    @Test(arguments: 1...4)
    func mutatedRowsDecodeOrThrow(_ seed: UInt64) {
        var mutator = Mutator(Fixture.rows.map(\.payload), seed: seed)
        var decoded = 0
        for _ in 0..<Self.rowMutationsPerPart where (try? decode(mutator.next())) != nil {
            decoded += 1
        }
        let share = Double(decoded) / Double(Self.rowMutationsPerPart)
        #expect((0.1...0.9).contains(share), "\(share) of the mutations decode")
    }

    @Test(arguments: 5...8)
    func mutatedAnswersAreReadOrThrow(_ seed: UInt64) {
        let fuzzer = WalkFuzzer(seed: seed)
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<Self.walkMutationsPerPart { fuzzer.walk(&buffer) }
        let seen = Set(fuzzer.endings.keys)
        #expect(seen.isSuperset(of: WalkFuzzer.Ending.allCases), "\(fuzzer.endings)")
        #expect(fuzzer.rows > Self.walkMutationsPerPart / 2)
    }

    @Test(arguments: Fixture.all)
    func everyPrefixOfAnAnswerIsReadOrThrows(_ fixture: Fixture) {
        let whole = fixture.bytes + Fixture.done.bytes
        for byteCount in 0...whole.count {
            let datagram = Array(whole.prefix(byteCount))
            var buffer = [UInt8](repeating: 0, count: 4096)
            let (_, error) = walk(datagram, &buffer)
            #expect(
                (error == nil) == endsWell(fixture, byteCount), "the first \(byteCount) bytes")
        }
    }
}

/// Whether so many bytes of the fixture and an NLMSG_DONE behind it are an answer without an error.
private func endsWell(_ fixture: Fixture, _ byteCount: Int) -> Bool {
    switch fixture.name {
    case Fixture.done.name, Fixture.doneWithoutPayload.name, Fixture.overrun.name:
        byteCount >= fixture.bytes.count
    case Fixture.doneWithError.name, Fixture.error.name:
        false
    default:
        byteCount == fixture.bytes.count + Fixture.done.bytes.count
    }
}

/// Walks over one datagram, after which a datagram without bytes ends the walk.
private func walk(
    _ datagram: [UInt8], _ buffer: inout [UInt8]
) -> (rowCount: Int, error: ConnectionSourceError?) {
    var isFirst = true
    let transport = NetlinkTransport(
        portID: 8240, send: { _ in },
        receive: { buffer in
            defer { isFirst = false }
            guard isFirst else { return NetlinkDatagram(byteCount: 0) }
            buffer.replaceSubrange(0..<datagram.count, with: datagram)
            return NetlinkDatagram(byteCount: datagram.count)
        })
    let request = InetDiagRequest(
        scope: .everyFamily, sequence: 7, subject: .upperLayerProtocols)
    var rows: [TCPConnection] = []
    var evidence = InetDiagWalk.Evidence()
    do throws(ConnectionSourceError) {
        var walk = InetDiagWalk(transport, request)
        while try walk.next(&buffer, &rows, &evidence) == nil {}
        return (rows.count, nil)
    } catch {
        return (rows.count, error)
    }
}

/// Feeds mutated datagrams to whole walks, and counts how they end.
private final class WalkFuzzer {
    enum Ending: CaseIterable {
        case read, endedEarly, malformed, refused
    }

    private(set) var endings: [Ending: Int] = [:]
    private(set) var rows = 0
    private var mutator: Mutator

    init(seed: UInt64) {
        let end = Fixture.done.answering(sequence: 7, portID: 8240)
        let datagrams = Fixture.all.map { fixture in
            let bytes = fixture.answering(sequence: 7, portID: 8240)
            return bytes + bytes + end
        }
        mutator = Mutator(datagrams, seed: seed)
    }

    func walk(_ buffer: inout [UInt8]) {
        let (rowCount, error) = SockDiagTests.walk(mutator.next(), &buffer)
        rows += rowCount
        endings[ending(error), default: 0] += 1
    }

    private func ending(_ error: ConnectionSourceError?) -> Ending {
        switch error {
        case nil: .read
        case .malformed: .malformed
        case .refused, .unavailable: .refused
        default: .endedEarly
        }
    }
}
