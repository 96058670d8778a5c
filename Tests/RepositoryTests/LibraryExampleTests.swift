import Foundation
import TestSupport
import Testing

/// The examples of the page on libraries compile.
struct LibraryExampleTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The code blocks of a language.
    private static func blocks(_ language: String) throws -> [String] {
        let page = try Repository.text("Sources/Documentation/libraries.md")
        return page.components(separatedBy: "\n```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
    }

    @Test(.requires(.tool("swiftc"))) func theSwiftExampleCompiles() throws {
        let blocks = try Self.blocks("swift")
        #expect(blocks.count == 1)
        let arguments = try ["-typecheck"] + BuiltModules.searchArguments()
        for block in blocks { try compile(block, "swift", with: "swiftc", arguments) }
    }

    @Test(.requires(.tool("gcc")))
    func theCExampleCompiles() throws {
        let include = "-I\(Self.root.path)/Sources/CIPHelper/include"
        let blocks = try Self.blocks("c")
        #expect(blocks.count == 1)
        for block in blocks {
            let arguments = [include, "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
            try compile(block, "c", with: "gcc", ["-std=c11"] + arguments)
        }
    }

    private func compile(
        _ source: String, _ suffix: String, with compiler: String, _ arguments: [String]
    ) throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "example-\(UUID().uuidString).\(suffix)")
        try Data((source + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try run(compiler, arguments + [file.path], timeout: .seconds(120))
        #expect(result.status == .exited(0), "\(result.standardError)")
    }
}
