import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// A thousand scrapes of hosts on which anything happens, against a naive reading of the same.
@Suite(.slow)
struct RandomHostTests {
    /// Whom a socket belonged to at some moment.
    private struct Truth {
        var holders: Set<String>
        var first: String?
    }

    @Test(arguments: [0, 1])
    func everySocketIsGivenOnceAndToOneWhoHeldItOfLate(_ run: Int) throws {
        var host = try RandomHost()
        var scrapes = Scrapes(host.proc)
        var history: [UInt32: [Truth]] = [:]
        for _ in 0..<500 {
            for _ in 0..<Int.random(in: 0...6) { try host.step() }
            record(host, &history)
            let table = host.sockets.sorted()
            let given = try scrape(table, &scrapes) {
                guard Int.random(in: 0..<4) == 0 else { return }
                for _ in 0..<2 { try host.step() }
                record(host, &history)
            }
            #expect(Set(given.keys) == Set(table))
            for (inode, owner) in given { check(owner, inode, history[inode] ?? []) }
            history = history.filter { given[$0.key] != nil }
            #expect(scrapes.cachedSocketCount == table.count)
        }
    }

    /// Moments enough for the scrapes of one period, at two moments a scrape.
    private func record(_ host: RandomHost, _ history: inout [UInt32: [Truth]]) {
        let holders = host.holders
        for inode in Set(history.keys).union(host.sockets) {
            let truth = Truth(
                holders: holders[inode] ?? [], first: host.firstHolder(of: inode))
            history[inode, default: []].append(truth)
            let surplus =
                (history[inode]?.count ?? 0) - 2 * Int(OwnerResolver.verificationPeriod)
            if surplus > 0 { history[inode]?.removeFirst(surplus) }
        }
    }

    private func check(_ owner: String, _ inode: UInt32, _ truths: [Truth]) {
        let lately = truths.suffix(3)
        guard owner.hasPrefix("process ") else {
            if truths.allSatisfy({ !$0.holders.isEmpty }) {
                Issue.record("\(inode) is \(owner), though always held: \(lately)")
            }
            return
        }
        let program = String(owner.dropFirst("process ".count))
        if !truths.contains(where: { $0.holders.contains(program) }) {
            Issue.record("\(inode) is \(program)'s, who never held it: \(lately)")
        }
        // What its first holder has kept all the time is that one's, however many have it besides.
        if truths.allSatisfy({ $0.first != nil && $0.first != program }) {
            Issue.record("\(inode) is \(program)'s, who was not the first: \(lately)")
        }
    }

    private func scrape(
        _ table: [UInt32], _ scrapes: inout Scrapes, meanwhile: () throws -> Void
    ) throws -> [UInt32: String] {
        let owners = try scrapes.owners(
            of: table.map { .row(inode: $0) }, meanwhile: meanwhile)
        return Dictionary(uniqueKeysWithValues: zip(table, owners))
    }
}
