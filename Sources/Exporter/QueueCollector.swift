import Exposition
import OwnerModules
import TCPConnections

/// Sums the bytes that wait in the queues of each module's connections. Listeners are left out: the
/// kernel puts numbers of connections where others have bytes.
struct QueueCollector {
    private var receiveQueues = ModuleCounts(cellCount: 1)
    private var sendQueues = ModuleCounts(cellCount: 1)

    mutating func removeAll() {
        receiveQueues.removeAll()
        sendQueues.removeAll()
    }

    mutating func observe(_ tally: ConnectionTally, of module: ModuleIndex) {
        guard tally.state != .listen else { return }
        receiveQueues.add(tally.receiveQueue, to: module, cell: 0)
        sendQueues.add(tally.sendQueue, to: module, cell: 0)
    }

    func write(to exposition: inout TextExposition, modules exposed: [ModuleDirectory.Exposed]) {
        write(Metric.moduleReceiveQueue, receiveQueues, to: &exposition, exposed)
        write(Metric.moduleSendQueue, sendQueues, to: &exposition, exposed)
    }

    private func write(
        _ family: MetricFamily, _ queues: ModuleCounts, to exposition: inout TextExposition,
        _ exposed: [ModuleDirectory.Exposed]
    ) {
        exposition.write(family) { samples in
            for exposed in exposed {
                samples.append(exposed.labels, value: queues.sum(of: exposed.members, cell: 0))
            }
        }
    }
}
