import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The listing on a real terminal.
    @Suite(.requires(.networkNamespaces), .requires(.tool("tmux")))
    struct ListingTerminal {
        /// The ``TerminalWindow/modes()`` of a shell, and of a screen without a cursor.
        private static let (shell, screen) = ("011", "100")

        @Test func aWatchFillsTheScreenAndKeyQEndsIt() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.closeWait, .ipv4)
                defer { held.close() }
                let window = try TerminalWindow(columns: 120, rows: 10)
                #expect(try window.modes() == Self.shell)
                _ = try window.watch("")
                let wide = try window.awaitScreen { $0.count == 5 }
                #expect(wide[0].hasSuffix("MODULE"))
                #expect(wide[3].wholeMatch(of: /2 rows, \d\d:\d\d:\d\d/) != nil)
                #expect(wide[4].hasPrefix("q quit  "))
                #expect(try window.modes() == Self.screen)
                try window.resize(columns: 80, rows: 3)
                let narrow = try window.awaitScreen("the resize") {
                    $0.last?.hasPrefix("1-1 of 2 rows, ") == true
                }
                #expect(narrow.count == 3 && narrow.allSatisfy { $0.count <= 80 })
                #expect(narrow[0].hasSuffix("MODULE"))
                try window.resize(columns: 120, rows: 10)
                try window.awaitScreen { $0.count == 5 && $0[0].hasSuffix("MODULE") }
                let other = try HeldSockets(.listen, .ipv6)
                try window.awaitScreen("the new row") { $0.contains { $0.hasPrefix("+ listen") } }
                try window.awaitScreen("three rows") { $0.contains { $0.hasPrefix("3 rows") } }
                other.close()
                try window.awaitScreen("the gone row") { $0.contains { $0.hasPrefix("- listen") } }
                try window.awaitScreen("the old rows") { $0.contains { $0.hasPrefix("2 rows") } }
                try window.press("q")
                #expect(try window.awaitStatus() == 0)
                #expect(try window.modes() == Self.shell)
                #expect(try window.hasFirstModes())
            }
        }

        @Test func keysScrollFilterAndSort() throws {
            try inNewNetworkNamespace {
                let held = try (0..<30).map { _ in try HeldSockets(.listen, .ipv4) }
                defer { for sockets in held { sockets.close() } }
                let window = try TerminalWindow(columns: 110, rows: 13)
                _ = try window.watch("--listening")
                let first = try window.awaitScreen { $0.contains { $0.hasPrefix("1-10 of 30") } }
                try window.press("PageDown")
                let second = try window.awaitScreen {
                    $0.contains { $0.hasPrefix("11-20 of 30") }
                }
                #expect(Set(first[1...10]).isDisjoint(with: second[1...10]))
                try window.press("End")
                try window.awaitScreen("the end") { $0.contains { $0.hasPrefix("21-30 of 30") } }
                try window.press("Up")
                try window.awaitScreen("a row up") { $0.contains { $0.hasPrefix("20-29 of 30") } }
                try window.press("Home")
                try window.awaitScreen("the start") { $0.contains { $0.hasPrefix("1-10 of 30") } }
                try window.press("<")
                try window.awaitScreen("the order") { $0[0].contains("MODULE▲") }
                try window.press("/")
                try window.tmux("send-keys", "-l", ":\(held[7].localPort)")
                try window.awaitScreen("the prompt") {
                    $0.last?.hasPrefix("filter: :\(held[7].localPort)_") == true
                }
                try window.press("Enter")
                let found = try window.awaitScreen("the row") {
                    $0.contains { $0.hasPrefix("1 row with ':\(held[7].localPort)'") }
                }
                #expect(found[1].contains(":\(held[7].localPort) "))
                try window.press("Escape")
                try window.awaitScreen("all rows") { $0.contains { $0.hasPrefix("1-10 of 30") } }
                try window.press("q")
                #expect(try window.awaitStatus() == 0)
                #expect(try window.hasFirstModes())
            }
        }

        @Test func theSmallestTerminalIsDrawnOn() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.listen, .ipv6)
                defer { held.close() }
                let window = try TerminalWindow(columns: 80, rows: 10)
                _ = try window.watch("")
                for (columns, rows) in [(20, 2), (5, 1), (80, 4), (1, 10)] {
                    try window.resize(columns: columns, rows: rows)
                    try window.press("j")
                    try window.awaitScreen("\(columns) × \(rows)") {
                        !$0.isEmpty && $0.count <= rows && $0.allSatisfy { $0.count <= columns }
                    }
                }
                try window.resize(columns: 80, rows: 10)
                try window.awaitScreen { $0.count == 4 && $0[0].contains("STATE") }
                try window.press("q")
                #expect(try window.awaitStatus() == 0)
            }
        }

        @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129), (SIGQUIT, 131)])
        func aSignalEndsItAndTheTerminalIsAsItWas(_ signal: Int32, _ status: Int) throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 80, rows: 10)
                let processID = try window.watch("--listening")
                #expect(try window.modes() == Self.screen)
                kill(processID, signal)
                #expect(try window.awaitStatus() == status)
                #expect(try window.modes() == Self.shell)
                #expect(try window.hasFirstModes())
            }
        }

        @Test func theKeyForInterruptionWorks() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 80, rows: 10)
                try window.type("'\(lister)' --watch 0.2")
                try window.awaitScreen { $0.first?.contains("STATE") == true }
                try window.press("C-c")
                #expect(try window.awaitStatus() == 130)
                #expect(try window.modes() == Self.shell)
                #expect(try window.hasFirstModes())
            }
        }

        @Test(arguments: ["C-z", "SIGTSTP"])
        func itCanBeStoppedAndComesBack(_ how: String) throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 80, rows: 10)
                try window.type(
                    "bash -c \"echo \\$\\$ > '\(window.directory.path)/pid'; exec '\(lister)' --watch 0.2\""
                )
                try window.awaitScreen { $0.first?.contains("STATE") == true }
                if how == "C-z" {
                    try window.press("C-z")
                } else {
                    kill(try #require(Int32(try window.awaitFile("pid").dropLast())), SIGTSTP)
                }
                try window.awaitScreen { $0.contains { $0.contains("Stopped") } }
                #expect(try window.modes() == Self.shell)
                #expect(try window.hasFirstModes())
                try window.type("fg")
                try window.awaitScreen { $0.first?.contains("STATE") == true }
                #expect(try window.modes() == Self.screen)
                try window.press("q")
                #expect(try window.awaitStatus() == 0)
                #expect(try window.hasFirstModes())
            }
        }

        /// Continued in the background, it must not take the terminal, but can be ended.
        @Test func whileStoppedItCanBeEnded() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 80, rows: 20)
                try window.type("'\(lister)' --watch 0.2")
                try window.awaitScreen { $0.first?.contains("STATE") == true }
                try window.press("C-z")
                try window.awaitScreen { $0.contains { $0.contains("Stopped") } }
                // The shell's word for SIGTERM. Whether it waits for a job that has just stopped,
                // or still knows one that has just ended, is a matter of luck.
                try window.type("bg; sleep 1; kill %1; while kill -0 %1; do sleep 0.1; done")
                try window.awaitScreen { $0.contains { $0.contains("Terminated") } }
                #expect(try window.modes() == Self.shell)
                #expect(try window.hasFirstModes())
            }
        }

        @Test func aNameFromOutsideIsTextOnTheScreen() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 160, rows: 10)
                let holder = try hostileHolder(in: window.directory.path)
                defer { holder.send(SIGKILL) }
                _ = try window.watch("")
                let lines = try window.awaitScreen { $0.count == 4 }
                #expect(lines[1].hasSuffix(hostileNameShown))
                try window.press("q")
            }
        }

        @Test(arguments: [60, 80])
        func aListingDoesNotWrap(_ columns: Int) throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.established, .ipv6)
                defer { held.close() }
                let window = try TerminalWindow(columns: columns, rows: 20)
                try window.type("clear; '\(lister)'")
                // Wrapped lines would be joined.
                try window.awaitScreen { $0.count == 4 && $0.last == "$" }
                let lines = try window.lines("-J").map { $0.trimmingCharacters(in: .whitespaces) }
                #expect(lines.count == 4 && lines.allSatisfy { $0.count <= columns })
            }
        }

        @Test(arguments: [
            ("", true), ("NO_COLOR=1 ", false), ("NO_COLOR= ", true), ("TERM=dumb ", false),
        ])
        func coloursDependOnTheOption(_ environment: String, _ isColored: Bool) throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 100, rows: 10)
                try window.type("clear; \(environment)'\(lister)'")
                try window.awaitScreen { $0.last == "$" && $0.first?.hasPrefix("STATE") == true }
                #expect(try window.lines("-e").joined().contains("\u{1B}[1m") == isColored)
            }
        }

        @Test func aDumbTerminalGetsLines() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 100, rows: 20)
                try window.type("TERM=dumb '\(lister)' --watch 0.2")
                try window.awaitScreen { $0.count { $0.hasPrefix("STATE") } > 1 }
                #expect(try window.modes() == Self.shell)
                try window.press("C-c")
            }
        }

        @Test func inALocaleWithoutUTF8ANameIsASCII() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 160, rows: 10, locale: "C")
                let holder = try hostileHolder(in: window.directory.path)
                defer { holder.send(SIGKILL) }
                try window.type("clear; '\(lister)'")
                let lines = try window.awaitScreen { $0.count == 3 && $0.last == "$" }
                #expect(lines[1].contains(#"\u{202e}a\u{fffd}"#))
            }
        }

        /// A FIFO in the place of a file of /proc keeps the reading waiting for as long as the test
        /// wants.
        @Test func aLongSearchShowsProgress() throws {
            try inNewNetworkNamespace {
                let window = try TerminalWindow(columns: 100, rows: 10)
                let (root, files) = (window.directory.path, FileManager.default)
                try files.createDirectory(
                    atPath: root + "/proc/thread-self/net", withIntermediateDirectories: true)
                for name in ["self", "1"] {
                    try files.createSymbolicLink(
                        atPath: "\(root)/proc/\(name)", withDestinationPath: "/proc/\(name)")
                }
                let fifo = root + "/proc/thread-self/net/tls_stat"
                #expect(unsafe mkfifo(fifo, 0o600) == 0)
                try window.type("clear; '\(lister)' --path.procfs '\(root)/proc'")
                try window.awaitScreen("progress") { $0.last == "searching for socket owners…" }
                let end = unsafe open(fifo, O_WRONLY)
                close(end)
                let lines = try window.awaitScreen { $0.last == "$" }
                #expect(lines.first?.hasPrefix("STATE") == true && lines.count == 2)
            }
        }
    }
}
