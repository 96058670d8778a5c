import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Sockets that are registered with io_uring and have no descriptor.
struct RingTests {
    @Test(
        .bothWays, .requires(.networkNamespaces), .requires(.linux(6, 14)), .requires(.rings),
        arguments: ["ring", "rings"])
    func aRegisteredSocketIsItsProcesses(_ command: String) throws {
        try inNewNetworkNamespace {
            let running = try Holder([command])
            defer { running.end() }
            var scrapes = Scrapes.real()
            for _ in 0..<70 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers["process tcptable_holder", .listen] == 1)
                #expect(answers["process tcptable_holder", .established] == 2)
                #expect(answers.total == 3)
                #expect(scrapes.holders.allSatisfy { $0?.process.id == running.process.processID })
            }
        }
    }

    private let shown = """
        pos:\t0
        UserFiles:\t6
            0: socket:[500]
            1: /tmp/socket:[501]
            2: socket:[502] (deleted)
            3: /x\\040socket:[503]
            4: pipe:[504]
           50: socket:[505]
        UserBufs:\t1
            0: 0x7f0000/4096
        socket:[506]

        """

    /// Earlier kernels show the names of files, which anybody can choose.
    @Test(
        arguments: [
            ("6.14.0", ["process ringer", "process ringer"]), ("6.12.1", nil), (nil, nil),
        ] as [(String?, [String]?)])
    func onlyTheKernelsOwnWordForASocketCounts(_ release: String?, _ owners: [String]?) throws {
        let proc = try FakeHost()
        if let release { try proc.set(kernelRelease: release) }
        try proc.put(10, .init(executable: "/bin/ringer"))
        try proc.put(10, ring: 7, fdinfo: shown)
        var scrapes = Scrapes(proc)
        let inodes = [500, 505, 501, 502, 503, 504, 506] as [UInt32]
        for round in 0..<3 {
            let given = try scrapes.owners(of: inodes.map { .row(inode: $0) })
            let nobody = round == 0 ? "partial" : "kernel"
            #expect(given == (owners ?? [nobody, nobody]) + Array(repeating: nobody, count: 5))
        }
    }
}

extension Requirement {
    static let rings = Requirement("io_uring") {
        guard let program = try? testProgram("tcptable_holder") else { return false }
        return (try? run(program, ["has-rings"]))?.status == .exited(0)
    }
}
