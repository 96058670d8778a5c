import Owners
import TCPModel

/// What is counted for one owner.
struct OwnerCells {
    /// Sockets by TCP state.
    var states = StateCounts(repeating: 0)
    /// Sockets by offload state; those in the host are not counted here.
    var offloadStates = InlineArray<4, UInt32>(repeating: 0)
    /// Bytes in the queues of sockets that are not listeners.
    var receiveQueueBytes: UInt64 = 0
    var sendQueueBytes: UInt64 = 0

    /// How many sockets there are in all.
    var count: UInt64 {
        var count: UInt64 = 0
        for index in states.indices { count += UInt64(states[index]) }
        return count
    }

    /// How many of them are not in the host.
    var offloadedCount: UInt64 {
        var count: UInt64 = 0
        for index in offloadStates.indices { count += UInt64(offloadStates[index]) }
        return count
    }

    @inline(__always)
    fileprivate mutating func add(_ row: borrowing TCPConnection, _ queued: Bool) {
        states[row.state.index] += 1
        if row.tls != nil, row.offloadState != .inHost {
            offloadStates[row.offloadState.index] += 1
        }
        if queued {
            receiveQueueBytes += UInt64(row.receiveQueue)
            sendQueueBytes += UInt64(row.sendQueue)
        }
    }

    mutating func add(_ state: TCPState, _ offloadState: OffloadState) {
        states[state.index] += 1
        if offloadState != .inHost { offloadStates[offloadState.index] += 1 }
    }

    static func += (a: inout OwnerCells, b: OwnerCells) {
        a.states.add(b.states)
        a.offloadStates.add(b.offloadStates)
        a.receiveQueueBytes += b.receiveQueueBytes
        a.sendQueueBytes += b.sendQueueBytes
    }
}

/// One table's rows, counted by owner while the table is read.
///
/// Rows of known owners are counted right away. Of a row whose owner is pending eight bytes are kept,
/// and its queues if there is anything in them.
struct OwnerCounts {
    private struct PendingRow {
        var ref: OwnerRef
        var state: TCPState
        var offloadState: OffloadState
    }

    private struct PendingQueues {
        var ref: OwnerRef
        var receiveQueueBytes: UInt32
        var sendQueueBytes: UInt32
    }

    private var cells: [OwnerCells] = []
    /// The reference that each element of `cells` counts for.
    private var refs: [OwnerRef] = []
    /// Where the cells of each process and group are, plus one; 0 where there are none.
    private var processPlaces: [UInt32] = []
    private var groupPlaces: [UInt32] = []
    private var pendingRows: [PendingRow] = []
    private var pendingQueues: [PendingQueues] = []

    mutating func removeAll() {
        for ref in refs { setPlace(0, of: ref) }
        cells.removeAll(keepingCapacity: true)
        refs.removeAll(keepingCapacity: true)
        pendingRows = []
        pendingQueues = []
    }

    @inline(__always)
    mutating func count(_ row: borrowing TCPConnection, _ ref: OwnerRef) {
        let isListener = row.isListener
        let queued = row.receiveQueue | row.sendQueue != 0 && !isListener
        if case .pending = ref.target {
            countPending(row, ref, queued)
            return
        }
        let place = place(of: ref)
        cells[place].add(row, queued)
    }

    /// The counts by module and reason, once the owners are known.
    func folded(_ owners: borrowing ResolvedOwners) -> ModuleCounts {
        var counts = ModuleCounts()
        for (ref, cells) in zip(refs, cells) { counts.add(cells, to: owners.owner(of: ref)) }
        for row in pendingRows {
            counts.add(row.state, row.offloadState, to: owners.owner(of: row.ref))
        }
        for queues in pendingQueues {
            var cells = OwnerCells()
            cells.receiveQueueBytes = UInt64(queues.receiveQueueBytes)
            cells.sendQueueBytes = UInt64(queues.sendQueueBytes)
            counts.add(cells, to: owners.owner(of: queues.ref))
        }
        return counts
    }

    /// Adds the connections of suspect modules by process.
    func add(to tally: inout SuspectTally, _ owners: borrowing ResolvedOwners) {
        for (ref, cells) in zip(refs, cells) {
            guard case .module(let module) = owners.owner(of: ref),
                let process = owners.process(of: ref)
            else { continue }
            tally.add(module, process, cells.states)
        }
        for row in pendingRows {
            guard case .module(let module) = owners.owner(of: row.ref),
                let process = owners.process(of: row.ref)
            else { continue }
            tally.add(module, process, row.state)
        }
    }

    private mutating func countPending(
        _ row: borrowing TCPConnection, _ ref: OwnerRef, _ queued: Bool
    ) {
        pendingRows.append(
            PendingRow(ref: ref, state: row.state, offloadState: row.offloadState))
        if queued {
            pendingQueues.append(
                PendingQueues(
                    ref: ref, receiveQueueBytes: row.receiveQueue,
                    sendQueueBytes: row.sendQueue))
        }
    }

    @inline(__always)
    private mutating func place(of ref: OwnerRef) -> Int {
        let known: UInt32 =
            switch ref.target {
            case .process(let number):
                number < processPlaces.count ? processPlaces[number] : 0
            case .group(let number): number < groupPlaces.count ? groupPlaces[number] : 0
            case .pending: 0
            }
        return known > 0 ? Int(known) - 1 : addPlace(of: ref)
    }

    private mutating func addPlace(of ref: OwnerRef) -> Int {
        cells.append(OwnerCells())
        refs.append(ref)
        setPlace(UInt32(cells.count), of: ref)
        return cells.count - 1
    }

    private mutating func setPlace(_ place: UInt32, of ref: OwnerRef) {
        switch ref.target {
        case .process(let number):
            while number >= processPlaces.count { processPlaces.append(0) }
            processPlaces[number] = place
        case .group(let number):
            while number >= groupPlaces.count { groupPlaces.append(0) }
            groupPlaces[number] = place
        case .pending: break
        }
    }
}
