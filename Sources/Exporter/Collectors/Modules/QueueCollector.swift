import Exposition

/// Writes the bytes in the queues of each module's connections. Listeners are left out: the kernel puts
/// numbers of connections where others have bytes.
struct QueueCollector {
    func write(to exposition: inout TextExposition, _ modules: [ModuleDirectory.Counted]) {
        exposition.write(Metric.moduleReceiveQueue) { samples in
            for module in modules {
                samples.append(module.labels, value: module.cells.receiveQueueBytes)
            }
        }
        exposition.write(Metric.moduleSendQueue) { samples in
            for module in modules {
                samples.append(module.labels, value: module.cells.sendQueueBytes)
            }
        }
    }
}
