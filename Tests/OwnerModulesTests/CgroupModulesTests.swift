import Procfs
import TestSupport
import Testing

@testable import OwnerModules

/// The modules of cgroups by id, on this host's own hierarchy.
struct CgroupModulesTests {
    /// It is no service and no container, and the most frequent one on hybrid hosts.
    @Test(.requires(.root))
    func theRootIsKnownWithoutALook() throws {
        let cgroups = CgroupFS()
        guard let root = cgroups.rootID else { return }
        var modules = CgroupModules()
        var module: OwnerModule? = OwnerModule(name: "none", kind: .other)
        #expect(countCalls { module = modules.module(of: root, cgroups) } == 0)
        #expect(module == nil)
    }

    @Test(.requires(.root))
    func anUnknownOneIsLookedForOncePerScrape() {
        let cgroups = CgroupFS()
        guard cgroups.root != nil else { return }
        var modules = CgroupModules()
        let unknown = CgroupID(rawValue: .max)
        #expect(countCalls { _ = modules.module(of: unknown, cgroups) } > 0)
        #expect(countCalls { _ = modules.module(of: unknown, cgroups) } == 0)
        modules.beginScrape()
        #expect(countCalls { _ = modules.module(of: unknown, cgroups) } > 0)
    }
}
