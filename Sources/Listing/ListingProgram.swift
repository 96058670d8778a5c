import ByteText
import CLinux
import Glibc
import Linux
import SystemPackage
import TCPTable

/// The listing command, without its command line.
package struct ListingProgram: ~Copyable {
    private let options: ListingOptions
    private let style: TextStyle
    private let environment: OutputEnvironment
    private var reader: ListingReader
    private var output = BufferedOutput(.standardOutput)
    private var problemPrinter = ProblemPrinter()

    /// Lists once, or with `--watch` until a key, a signal or a closed pipe ends it. A signal that
    /// ends a watch on a terminal also ends the process.
    package static func run(_ options: ListingOptions) throws(ListingError) {
        // A closed pipe is an error of write(2).
        signal(SIGPIPE, SIG_IGN)
        clinux_malloc_map_large()
        guard fcntl(STDOUT_FILENO, F_GETFD) >= 0 else { throw .output(Errno(rawValue: errno)) }
        var program = ListingProgram(options)
        do throws(ListingError) {
            try program.list()
        } catch .outputClosed {
            return
        }
    }

    private init(_ options: ListingOptions) {
        self.options = options
        environment = OutputEnvironment.standardOutput()
        style = TextStyle(
            isColored: environment.isColored(options.color), charset: environment.charset,
            hasHeader: options.hasHeader)
        reader = ListingReader(
            options, source: options.host.connectionSource(held: options.host.heldKernelTLS),
            resolver: options.host.ownerResolver(
                isOnly: options.looksUpAllOnce, naming: options.naming,
                containerNaming: options.host.containerNaming(isPatient: true)),
            charset: environment.charset)
    }

    private mutating func list() throws(ListingError) {
        let first = try ProgressLine.during { () throws(ListingError) in try reader.read() }
        guard let milliseconds = options.watchMilliseconds else {
            try write(first, time: nil)
            return
        }
        if environment.isScreen, !options.isJSON {
            var watch = try ScreenWatch(
                first, reader, style, sort: options.sort, milliseconds: milliseconds)
            try watch.run()
        } else {
            try stream(first, milliseconds)
        }
    }

    private mutating func write(_ listing: ListingResult, time: WallTime?) throws(ListingError) {
        var style = style
        if environment.isTerminal { style.columnsMax = Terminal.size(STDOUT_FILENO)?.columns }
        try output.write(listing, isJSON: options.isJSON, time: time, style)
        problemPrinter.print(listing.problems + (listing.emptiness.map { [$0] } ?? []))
    }

    /// Writes one listing after the other, for a file or a pipe.
    private mutating func stream(
        _ first: ListingResult, _ milliseconds: Int
    ) throws(ListingError) {
        var listing = first
        while true {
            if !options.isJSON {
                output.bytes.append(contentsOf: "\(listing.time.dateText)\n".utf8)
            }
            try write(listing, time: listing.time)
            guard !waitForHangUp(milliseconds) else { throw .outputClosed }
            if !options.isJSON { output.bytes.append("\n") }
            listing = try reader.read()
        }
    }

    /// Waits, and returns whether the pipe's reader closed it meanwhile.
    private func waitForHangUp(_ milliseconds: Int) -> Bool {
        let end = MonotonicTime.now + .milliseconds(milliseconds)
        var watched = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        _ = retryingOnInterrupt { unsafe poll(&watched, 1, end.millisecondsLeft) }
        return watched.revents != 0
    }
}

/// Prints each problem once on standard error.
private struct ProblemPrinter {
    private var printed: Set<String> = []

    mutating func print(_ problems: [String]) {
        for problem in problems where printed.insert(problem).inserted {
            printError(problem)
        }
    }
}

/// Prints a line on standard error, and ignores that this fails.
package func printError(_ message: String, prefix: String = "tcptable: ") {
    let line = Array("\(prefix)\(visible(message: message))\n".utf8)
    _ = try? FileDescriptor.standardError.writeAll(line)
}
