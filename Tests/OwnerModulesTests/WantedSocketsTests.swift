import Procfs
import TCPConnections
import TableFakes
import Testing

@testable import OwnerModules

struct WantedSocketsTests {
    /// Many rows of few inodes: rows come twice in a dump, and hashes fall together.
    @Test(arguments: [1, 10, 1000, 4000] as [UInt32])
    func itIsADictionaryOfTheFirstHolders(_ inodeMax: UInt32) {
        for _ in 0..<40 {
            var wanted = WantedSockets()
            var model: [UInt32: (OwnerSlot, UInt32)?] = [:]
            for _ in 0..<Int.random(in: 0...300) {
                let inode = UInt32.random(in: 1...inodeMax) &* 0x1_0001
                wanted.append(WaitingSocket(.row(inode: inode), 0, table: 0))
                model[inode] = .some(nil)
            }
            wanted.index()
            for _ in 0..<600 { find(.random(in: 1...inodeMax) &* 0x1_0001, &wanted, &model) }
            #expect(wanted.remaining == model.values.count { $0 == nil })
            for inode in (1...inodeMax).map({ $0 &* 0x1_0001 }) {
                let expected = (model[inode] ?? nil) ?? (.nobody, 0)
                #expect(wanted.holder(of: SocketInode(rawValue: inode)) == expected)
            }
        }
    }

    private func find(
        _ inode: UInt32, _ wanted: inout WantedSockets,
        _ model: inout [UInt32: (OwnerSlot, UInt32)?]
    ) {
        let isMissing = model[inode].map { $0 == nil } ?? false
        if wanted.isMissing(SocketInode(rawValue: inode)) != isMissing {
            Issue.record("\(inode) is missed by one of them only")
        }
        let holder = OwnerSlot(rawValue: .random(in: 1...9))
        let descriptor = UInt32.random(in: 0...9)
        wanted.found(SocketInode(rawValue: inode), by: descriptor) { holder }
        if isMissing { model[inode] = (holder, descriptor) }
    }

    @Test func ofRowsOfOneSocketTheFirstIsTheSocketAndAllAreItsHolders() {
        var wanted = WantedSockets()
        for inode in [5, 6, 5, 0, 0, 5] as [UInt32] {
            wanted.append(WaitingSocket(.row(inode: inode), 0, table: 0))
        }
        wanted.index()
        #expect(wanted.remaining == 2)
        let holder = OwnerSlot(rawValue: 3)
        wanted.found(SocketInode(rawValue: 5), by: 7) { holder }
        wanted.settle()
        #expect(wanted.waiting.map(\.isRepeated) == [false, false, true, false, false, true])
        #expect(wanted.holders.map(\.slot) == [holder, .nobody, holder, .nobody, .nobody, holder])
        #expect(wanted.holders.map(\.descriptor) == [7, 0, 7, 0, 0, 7])
    }

    @Test func nothingIsWantedInTheEnd() {
        var wanted = WantedSockets()
        wanted.append(WaitingSocket(.row(inode: 5), 0, table: 0))
        wanted.index()
        #expect(wanted.remaining == 1)
        wanted.removeAll()
        #expect(wanted.remaining == 0)
        #expect(wanted.waiting.isEmpty)
    }

    @Test func aWaitingSocketTakesThirtyTwoBytes() {
        #expect(MemoryLayout<WaitingSocket>.stride == 32)
    }
}
