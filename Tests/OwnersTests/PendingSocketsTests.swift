import TCPModel
import Testing

@testable import Owners

struct PendingSocketsTests {
    private static func socket(_ inode: UInt32) -> PendingSocket {
        PendingSocket(
            cookie: 1, inode: SocketInode(rawValue: inode), userID: 0, cgroup: .none, table: 0)
    }

    private static func pending(_ inodes: [UInt32]) -> PendingSockets {
        var pending = PendingSockets()
        for inode in inodes { pending.append(socket(inode)) }
        pending.beginSearch()
        return pending
    }

    /// Many rows of few inodes: rows come twice in a dump, and hashes collide.
    @Test(arguments: [1, 10, 1000, 4000] as [UInt32])
    func itIsADictionaryOfTheFirstHolders(_ inodeMax: UInt32) {
        for _ in 0..<40 {
            let inodes = (0..<Int.random(in: 0...300)).map { _ in
                UInt32.random(in: 1...inodeMax) &* 0x1_0001
            }
            var pending = Self.pending(inodes)
            var model = Dictionary(inodes.map { ($0, nil as ProcessSlot?) }) { first, _ in first }
            for _ in 0..<600 { find(.random(in: 1...inodeMax) &* 0x1_0001, &pending, &model) }
            #expect(pending.remaining == model.values.count { $0 == nil })
            #expect(
                Set(pending.missing.map(\.inode.rawValue))
                    == Set(
                        model.keys.filter {
                            model[$0] == .some(nil)
                        }))
            pending.endSearch()
            for (place, inode) in inodes.enumerated() {
                #expect(pending.holders[place].slot == (model[inode] ?? nil) ?? .nobody)
            }
        }
    }

    private func find(
        _ inode: UInt32, _ pending: inout PendingSockets,
        _ model: inout [UInt32: ProcessSlot?]
    ) {
        let isMissing = model[inode] == .some(nil)
        let rank = pending.missingRank(of: SocketInode(rawValue: inode))
        if (rank != nil) != isMissing { Issue.record("\(inode) is missing in one only") }
        guard let rank else { return }
        let holder = ProcessSlot(rawValue: .random(in: 1...9))
        pending.found(rank, by: 3, in: holder)
        model[inode] = holder
    }

    @Test func rowsOfOneSocketHaveOneHolder() throws {
        var pending = Self.pending([5, 6, 5, 0, 0, 5])
        #expect(pending.remaining == 2)
        let holder = ProcessSlot(rawValue: 3)
        let rank = try #require(pending.missingRank(of: SocketInode(rawValue: 5)))
        pending.found(rank, by: 7, in: holder)
        pending.endSearch()
        #expect(pending.sockets.map(\.isRepeated) == [false, false, true, false, false, true])
        #expect(pending.holders.map(\.slot) == [holder, .nobody, holder, .nobody, .nobody, holder])
        #expect(pending.holders.map(\.descriptor) == [7, 0, 7, 0, 0, 7])
    }

    @Test func aClosedSocketIsNotMissing() {
        var pending = Self.pending([5, 6])
        pending.close([SocketInode(rawValue: 5), SocketInode(rawValue: 99)])
        #expect(pending.remaining == 1)
        #expect(pending.missing.map(\.inode.rawValue) == [6])
        #expect(pending.isClosed(SocketInode(rawValue: 5)))
    }

    @Test func aPendingSocketTakesTwentyFourBytes() {
        #expect(MemoryLayout<PendingSocket>.stride == 24)
    }
}
