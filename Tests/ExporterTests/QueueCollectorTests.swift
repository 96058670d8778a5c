import Exporter
import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

struct QueueCollectorTests {
    @Test(arguments: [true, false])
    func bytesAreSummedByModuleAndListenersLeftOut(_ isModuleOn: Bool) throws {
        let stage = try Stage(isModuleOn ? [.queue, .module] : [.queue])
        try stage.host.add(10, executable: "/bin/busy", sockets: [100, 101, 102])
        try stage.host.add(20, executable: "/bin/late", sockets: [200])
        let text = try stage.scrape([
            .row(.established, inode: 100, queues: (3, 10)),
            .row(.closeWait, at: "::1", inode: 101, queues: (UInt32.max, 0)),
            .row(.listen, inode: 102, queues: (7, 128)),
            .row(.established, inode: 200, queues: (0, UInt32.max)),
            .row(.finWait1, queues: (5, 5)),
        ])
        #expect(bytes(text, "receive", "busy") == 3 + Double(UInt32.max))
        #expect(bytes(text, "send", "busy") == 10)
        #expect(bytes(text, "receive", "late") == 0)
        #expect(bytes(text, "send", "late") == Double(UInt32.max))
        #expect(text.samples("tcptable_module_send_queue_bytes").count == 2)
    }

    @Test func moreThanThirtyTwoBitsOfBytesAreCounted() throws {
        let stage = try Stage([.queue])
        let inodes = Array(UInt32(100)..<110)
        try stage.host.add(10, executable: "/bin/busy", sockets: inodes)
        let text = try stage.scrape(
            inodes.map { .row(.established, inode: $0, queues: (UInt32.max, UInt32.max)) })
        #expect(bytes(text, "receive", "busy") == 10 * Double(UInt32.max))
    }

    private func bytes(_ text: MetricsText, _ direction: String, _ module: String) -> Double? {
        text.value(
            "tcptable_module_\(direction)_queue_bytes", ["module": module, "kind": "process"])
    }
}
