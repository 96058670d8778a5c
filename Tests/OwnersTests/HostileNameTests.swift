import Foundation
import TestSupport
import Testing

@testable import Owners

/// Real processes under names that anybody may choose.
@Suite(.requires(.networkNamespaces))
struct HostileNameTests {
    @Test(arguments: [
        "new\nline", "tcptable_connections{state=\"listen\"} 1", "back\\slash", "quo\"te",
        "tab\there",
        "(paren) S 1 (", " ", "-", "ünï😀", "100%", "\u{1B}[31mred",
        String(repeating: "n", count: 255), String(repeating: "é", count: 127),
    ])
    func theNameIsTheFilesWhateverItHolds(_ name: String) throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let running = try Holder(["listen"], as: try programs.copy(as: name))
            defer { running.end() }
            var scrapes = Scrapes.real()
            let expected = SanitizedText.text(Array(name.utf8), byteCountMax: 128)
            #expect(try scrapes.scrapeKernel().owner == "process \(expected)")
            let module = try #require(scrapes.modules.living.first)
            #expect(scrapes.modules[module].path == "\(programs.path)/\(name)")
        }
    }

    /// Telling it from a file that is gone would take a look at the path, which its user answers for.
    @Test func aNameThatEndsAsThoseOfDeletedFilesLosesThatEnd() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let running = try Holder(["listen"], as: try programs.copy(as: "ends (deleted)"))
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == "process ends")
        }
    }

    @Test(arguments: ["gone", "gone (deleted)"])
    func theNameOfAFileThatIsGoneIsTheFiles(_ name: String) throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let path = try programs.copy(as: name)
            let running = try Holder(["listen"], as: path)
            defer { running.end() }
            try FileManager.default.removeItem(atPath: path)
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == "process \(name)")
        }
    }

    @Test(.requires(.tool("bash")))
    func bytesThatAreNoTextAreReplaced() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let copy = try programs.copy(as: "copy")
            let script =
                "mv '\(copy)' $'\(programs.path)/a\\xff\\xc3b' && "
                + "exec $'\(programs.path)/a\\xff\\xc3b' listen"
            let running = try Holder(["-c", script], as: "bash")
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == "process a\u{FFFD}\u{FFFD}b")
        }
    }

    /// Nearly as long as Linux lets a path be.
    @Test func aPathOfFourThousandBytesIsCut() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let long = String(repeating: "d", count: 199)
            let name = String(repeating: "\(long)/", count: 19) + "program"
            let path = try programs.copy(as: name)
            #expect(path.utf8.count > 3800)
            let running = try Holder(["listen"], as: path)
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == "process program")
            let module = try #require(scrapes.modules.living.first)
            let shown = scrapes.modules[module].path
            #expect(shown.utf8.count == 1023)
            #expect(shown.hasPrefix(String(path.prefix(1023 - 17)) + "~"))
        }
    }
}
