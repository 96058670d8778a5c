import Foundation
import Procfs
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Owners

/// A real /proc that hides the processes of others.
@Suite(.requires(.cgroups), .requires(.linux(5, 8)), .requires(.tool("setpriv")))
struct HidepidTests {
    @Test(arguments: ["1", "2", "4"])
    func whatHiddenProcessesHoldIsProtected(_ hidepid: String) throws {
        try inNewNetworkNamespace {
            let mount = try mountProc(hidepid)
            defer { try? mount.close() }
            let own = try ["--bounding-set=-all", testProgram("tcptable_holder"), "listen"]
            let running = [
                try Holder(["listen"]), try Holder(own, as: toolPath("setpriv") ?? ""),
                try Holder(["orphan"], in: try TestCgroup("web.service")),
            ]
            defer { for holder in running { holder.end() } }
            let procfs = ProcFS(root: "/proc/self/fd/\(mount.rawValue)")
            var scrapes = Scrapes.real(procfs)
            for _ in 0..<3 {
                let answers = try withoutCapabilities { try scrapes.scrapeKernel() }
                #expect(answers["protected", .listen] == 1)
                #expect(answers["process tcptable_holder", .listen] == 1)
                #expect(answers["service web.service"] == 3)
                #expect(answers.total == 5)
                #expect(scrapes.visibility.isRightMissing)
            }
            var privileged = Scrapes.real(procfs)
            #expect(try privileged.scrapeKernel()["process tcptable_holder", .listen] == 2)
        }
    }

    /// A mount that nobody else sees, and that ends with its descriptor (`man 2 fsmount`).
    private func mountProc(_ hidepid: String) throws -> FileDescriptor {
        let context = unsafe fsopen("proc", UInt32(FSOPEN_CLOEXEC))
        try #require(context >= 0)
        defer { close(context) }
        // Members of the group see everything, and root's is the default.
        for (name, value) in [("hidepid", hidepid), ("gid", "65533")] {
            let result = unsafe fsconfig(
                context, FSCONFIG_SET_STRING.rawValue, name, value, 0)
            try #require(result == 0)
        }
        let result = fsconfig(context, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0)
        try #require(result == 0)
        let mount = fsmount(context, UInt32(FSMOUNT_CLOEXEC), 0)
        try #require(mount >= 0)
        return FileDescriptor(rawValue: mount)
    }
}
