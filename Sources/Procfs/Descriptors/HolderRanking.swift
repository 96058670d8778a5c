import TCPModel

/// The order in which processes are read that were read before.
struct HolderRanking {
    /// After so many descriptors of one user's processes, other users' come.
    private static let descriptorsPerTurn: Int64 = 16_384

    private struct Ranked {
        var process: ProcessID
        var userID: UInt32
        var rank: Int
        var count: Int64
        /// How many descriptors come before it, of its user's processes alone.
        var precedingCount: Int64 = 0
    }

    private let procfs: ProcFS
    private let hints: HolderHints

    init(_ procfs: ProcFS, _ hints: HolderHints) {
        self.procfs = procfs
        self.hints = hints
    }

    /// Of the equally likely, those with few descriptors first.
    ///
    /// Users take turns by the number of descriptors: however many one user's processes have, they hold
    /// up the search among another user's no longer than those of that user themselves.
    ///
    /// - Parameter candidates: With the number of descriptors that each had when it was last read.
    func likeliestFirst(_ candidates: [(process: ProcessID, lastCount: Int64)]) -> [ProcessID] {
        var ranked = candidates.map { self.ranked($0.process, $0.lastCount) }
        ranked.sort { ($1.rank, $0.count, $0.process) < ($0.rank, $1.count, $1.process) }
        var counts: [UInt32: Int64] = [:]
        for index in ranked.indices {
            ranked[index].precedingCount = counts[ranked[index].userID, default: 0]
            counts[ranked[index].userID, default: 0] += ranked[index].count
        }
        if counts.count > 1 {
            let turn = Self.descriptorsPerTurn
            ranked.sort {
                ($0.precedingCount / turn, $1.rank, $0.count, $0.process)
                    < ($1.precedingCount / turn, $0.rank, $1.count, $1.process)
            }
        }
        return ranked.map(\.process)
    }

    private func ranked(_ process: ProcessID, _ lastCount: Int64) -> Ranked {
        guard let table = procfs.descriptorTable(of: process) else {
            return Ranked(process: process, userID: 0, rank: 0, count: lastCount)
        }
        return Ranked(
            process: process, userID: table.userID, rank: rank(process, table, lastCount),
            count: max(lastCount, table.count))
    }

    /// How likely a known process has got a missing socket: one point for its user, two for more
    /// descriptors than before, four for its cgroup, eight for others that it got.
    private func rank(
        _ process: ProcessID, _ table: (count: Int64, userID: UInt32), _ lastCount: Int64
    ) -> Int {
        let isUsers = hints.userIDs.contains(table.userID)
        let hasGrown = table.count > lastCount
        let isCgroupMember = hints.cgroupMembers.contains(process)
        let isBusy = hints.busy.contains(process)
        return (isUsers ? 1 : 0) + (hasGrown ? 2 : 0) + (isCgroupMember ? 4 : 0) + (isBusy ? 8 : 0)
    }
}
