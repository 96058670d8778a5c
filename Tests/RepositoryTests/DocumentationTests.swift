import Foundation
import TestSupport
import Testing

/// The library's documentation, as DocC reads it: the catalogue and the comments of everything public.
@Suite(.requires(.tool("docc")), .requires(.tool("swift-symbolgraph-extract")))
struct DocumentationTests {
    private static let catalogue = SourceTree.sources.appending(path: "TCPTable/TCPTable.docc").path

    @Test func itConvertsWithoutAWarning() throws {
        #expect(try convert(Self.catalogue) == "")
    }

    @Test func aLinkToNothingIsAWarning() throws {
        let directory = try TemporaryDirectory()
        let copy = "\(directory.path)/Broken.docc"
        try FileManager.default.copyItem(atPath: Self.catalogue, toPath: copy)
        try directory.write("# Broken\n\n``NoSuchSymbol``\n", to: "Broken.docc/Broken.md")
        #expect(try convert(copy).contains("NoSuchSymbol"))
    }

    /// What DocC has to say.
    private func convert(_ catalogue: String) throws -> String {
        let directory = try TemporaryDirectory()
        try extractSymbols(into: directory.path)
        let result = try run(
            "docc",
            [
                "convert", catalogue, "--additional-symbol-graph-dir", directory.path,
                "--fallback-display-name", "TCPTable", "--fallback-bundle-identifier", "TCPTable",
                "--output-path", "\(directory.path)/output",
            ], timeout: .seconds(120))
        #expect(result.status == .exited(0))
        return (result.standardOutput + result.standardError)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Those of the modules too that the library exports as its own.
    private func extractSymbols(into directory: String) throws {
        let exported = try SourceTree.imports(of: "TCPTable", marked: "@_exported public ")
        let triple = URL(filePath: productsDirectory).deletingLastPathComponent().lastPathComponent
        let arguments = [
            "-module-name", "TCPTable", "-minimum-access-level", "public", "-target", triple,
            "-experimental-allowed-reexported-modules=\(exported.sorted().joined(separator: ","))",
            "-output-dir", directory,
        ]
        let result = try run(
            "swift-symbolgraph-extract", arguments + BuiltModules.searchArguments(),
            timeout: .seconds(120))
        try #require(result.status == .exited(0), "\(result.standardError)")
    }
}
