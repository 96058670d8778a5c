import Foundation
import TestSupport
import Testing

/// `Sources/README.md` is true, and says it all on one page.
struct SourceMapTests {
    /// More files than these make a folder want sub-folders.
    private static let filesMax = 12
    /// More files than these make a walk that nobody follows.
    private static let stepsMax = 20

    private let map: SourceMap

    init() throws {
        let text = try String(
            contentsOf: SourceTree.sources.appending(path: "README.md"), encoding: .utf8)
        map = SourceMap(text)
    }

    @Test func everyLineIsWrittenAlike() {
        #expect(map.malformed == [])
    }

    @Test func everyFolderHasOneLineAndEveryLineAFolder() throws {
        let folders = try SourceTree.folders().keys
        #expect(map.folders.sorted() == folders.sorted())
    }

    @Test func everyPathThatItNamesExists() {
        #expect(!map.mentioned.isEmpty)
        for path in map.mentioned {
            let places = [SourceTree.sources, SourceTree.root].map { $0.appending(path: path) }
            #expect(
                places.contains { FileManager.default.fileExists(atPath: $0.path) }, "\(path)")
        }
    }

    @Test func noModuleImportsOneAboveIt() throws {
        for (index, module) in map.modules.enumerated() {
            let lower = map.modules[..<index]
            let imported = try SourceTree.imports(of: module).intersection(map.modules)
            #expect(imported.subtracting(lower) == [], "\(module)")
        }
    }

    /// What Package.swift allows and what the sources use is the same, in the map's order.
    @Test(.requires(.tool("swift")))
    func thePackageAllowsNoModuleOneAboveIt() throws {
        let targets = try PackageTargets().dependencies
        #expect(targets.keys.sorted() == map.modules.sorted())
        for (index, module) in map.modules.enumerated() {
            let dependencies = targets[module] ?? []
            #expect(dependencies.subtracting(map.modules[..<index]) == [], "\(module)")
            let imported = try SourceTree.imports(of: module).intersection(map.modules)
            #expect(imported.subtracting(dependencies) == [], "\(module)")
        }
    }

    @Test func theDomainImportsNothingOfThePackage() throws {
        #expect(map.modules.contains("TCPModel"))
        let imports = try SourceTree.imports(of: "TCPModel")
        #expect(imports.intersection(map.modules) == [])
    }

    /// The kernel's dump and /proc stand behind ports of the domain; who composes a program chooses
    /// them.
    @Test(arguments: ["SockDiag", "Procfs", "BPFIterators", "ModuleMap", "ContainerNames"])
    func onlyCompositionRootsImportAdapters(_ adapter: String) throws {
        let roots: Set = ["TCPTable", "IPHelper", "tcptable", "tcptable_exporter"]
        // Of the ways to find holders one includes the other, for what it cannot find.
        let including: Set = adapter == "Procfs" ? ["BPFIterators"] : []
        for module in Set(map.modules).subtracting(roots).subtracting(including) {
            let imports = try SourceTree.imports(of: module)
            #expect(!imports.contains(adapter), "\(module)")
        }
    }

    @Test func noFolderHoldsManyFiles() throws {
        for (folder, files) in try SourceTree.folders() {
            #expect(files.count <= Self.filesMax, "\(folder)")
        }
    }

    @Test func aRowEntersFewFiles() {
        expectFiles(map.walkOfARow)
        #expect(map.walkOfARow.count <= Self.stepsMax)
    }

    @Test func aRequestEntersFewFiles() {
        expectFiles(map.walkOfARequest)
        #expect(map.walkOfARequest.count <= Self.stepsMax)
    }

    /// That each exists, is told by ``everyPathThatItNamesExists()``.
    private func expectFiles(_ walk: [String]) {
        #expect(!walk.isEmpty)
        #expect(Set(walk).count == walk.count)
        for path in walk { #expect(path.hasSuffix(".swift") && path.contains("/"), "\(path)") }
    }
}
