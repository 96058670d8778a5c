import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

struct CgroupFSTests {
    @Test func withoutCgroupV2ThereAreNoPaths() throws {
        let directory = try FileTree()
        for mount in [directory.root, "/no/such/directory", "/proc"] {
            let cgroups = CgroupFS(mount: mount)
            #expect(cgroups.root == nil)
            #expect(cgroups.paths(of: [CgroupID(rawValue: 1)]).isEmpty)
        }
    }

    @Test func aSignalDoesNotHideTheHierarchy() throws {
        let root = CgroupFS().root
        for outcome in withEachCallFailing(.interrupted, { CgroupFS().root }) {
            #expect(try outcome.result.get() == root)
        }
    }

    @Test(.requires(.writableCgroupV2))
    func aDirectoryIsFoundByItsInode() throws {
        let odd: [[UInt8]] = [
            Array("plain.service".utf8), Array("dev-disk\\x2dby.service".utf8),
            Array("a:b c".utf8), Array("gone (deleted)".utf8), [0xFF, 0xFE, 0x80], [0x01, 0x7F],
        ]
        let tree = try CgroupTree(odd)
        let ids = try odd.map { try tree.identifier($0) } + [tree.identifier([])]
        let paths = CgroupFS().paths(of: Set(ids))
        #expect(paths.count == ids.count)
        for (id, name) in zip(ids, odd) {
            #expect(paths[id] == tree.path + [UInt8(ascii: "/")] + name)
        }
        #expect(paths[try tree.identifier([])] == tree.path)
    }

    @Test(.requires(.writableCgroupV2), .requires(.root))
    func withoutTheRightToOpenByIDTheWalkFindsTheSame() throws {
        let names = (0..<30).map { Array("walk-\($0).service".utf8) }
        let tree = try CgroupTree(names)
        let ids = Set(try names.map { try tree.identifier($0) } + [CgroupID(rawValue: 1 << 60)])
        let opened = CgroupFS().paths(of: ids)
        let walked = try withoutCapabilities { CgroupFS().paths(of: ids) }
        #expect(opened.count == names.count)
        #expect(opened == walked)
    }

    /// Whoever makes cgroups by the thousand must not make each scrape walk through them.
    @Test(.requires(.writableCgroupV2), .requires(.root))
    func anIDThatDoesNotExistCostsTheSameHoweverManyCgroupsThereAre() throws {
        let unknown: Set = [CgroupID(rawValue: 1 << 60)]
        let before = countCalls { _ = CgroupFS().paths(of: unknown) }
        let tree = try CgroupTree((0..<500).map { Array("many-\($0)".utf8) })
        let after = countCalls { _ = CgroupFS().paths(of: unknown) }
        withExtendedLifetime(tree) {}
        #expect(after == before)
    }

    @Test(.requires(.writableCgroupV2))
    func theRootHasAnIdentifierOfItsOwn() throws {
        let cgroups = CgroupFS()
        let identifier = try #require(cgroups.rootID)
        let inode =
            try FileManager.default.attributesOfItem(
                atPath: try #require(cgroups.root))[.systemFileNumber] as? UInt64
        #expect(identifier.rawValue == inode)
        #expect(cgroups.paths(of: [identifier])[identifier] == nil)
    }

    @Test(.requires(.writableCgroupV2))
    func aDirectoryThatIsRemovedIsFoundNoMore() throws {
        var tree: CgroupTree? = try CgroupTree([Array("a".utf8)])
        let identifier = try #require(tree).identifier(Array("a".utf8))
        #expect(CgroupFS().paths(of: [identifier])[identifier] != nil)
        tree = nil
        #expect(CgroupFS().paths(of: [identifier])[identifier] == nil)
    }

    /// A whole branch is missing then, and the others are there: no error can be told of.
    @Test(.requires(.writableCgroupV2), .requires(.root))
    func whatTheWalkCannotReadIsPassedOver() throws {
        let tree = try CgroupTree([Array("a".utf8)])
        let cgroups = CgroupFS()
        let id = try tree.identifier([])
        let outcomes = try withoutCapabilities {
            withEachCallFailing(.ioError) { cgroups.paths(of: [id]) }
        }
        #expect(!outcomes.isEmpty)
        for outcome in outcomes { #expect(outcome.descriptorsLeftOpen == 0) }
        #expect(try outcomes.last?.result.get()[id] == tree.path)
    }
}

extension Requirement {
    /// The right to make directories in a mounted cgroup v2 file system.
    fileprivate static let writableCgroupV2 = Requirement("a writable cgroup2 mount") {
        CgroupFS().root.map { unsafe access($0, W_OK) == 0 } ?? false
    }
}

/// A cgroup with some below it, all removed with the object.
private final class CgroupTree {
    /// From the hierarchy's root on.
    let path: [UInt8]
    private let root: [UInt8]
    private var made: [[CChar]] = []

    init(_ names: [[UInt8]]) throws {
        root = Array(try #require(CgroupFS().root).utf8)
        path = Array("/procfs-test-\(UUID().uuidString)".utf8)
        try make([])
        for name in names { try make(name) }
    }

    deinit {
        for directory in made.reversed() { unsafe rmdir(directory) }
    }

    /// The inode number of the directory of this name, or, without a name, of the tree's own.
    func identifier(_ name: [UInt8]) throws -> CgroupID {
        var status = stat()
        guard unsafe stat(directory(name), &status) == 0 else { throw Errno(rawValue: errno) }
        return CgroupID(rawValue: UInt64(status.st_ino))
    }

    private func make(_ name: [UInt8]) throws {
        guard unsafe mkdir(directory(name), 0o755) == 0 else { throw Errno(rawValue: errno) }
        made.append(directory(name))
    }

    private func directory(_ name: [UInt8]) -> [CChar] {
        let separator = name.isEmpty ? [] : [UInt8(ascii: "/")]
        return (root + path + separator + name + [0]).map(CChar.init(bitPattern:))
    }
}
