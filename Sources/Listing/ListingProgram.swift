import ByteText
import Glibc
import Linux
import SystemPackage
import TCPConnections

/// The listing command, without its command line.
package struct ListingProgram: ~Copyable {
    private let options: ListingOptions
    private let style: TextStyle
    private let environment: OutputEnvironment
    private var reader: ListingReader<KernelTCPTable>
    private var output = Output(.standardOutput)
    private var problems = ProblemLines()

    /// Lists once, or until somebody ends it; a watch on a terminal ends the process if a signal ends
    /// it.
    package static func run(_ options: ListingOptions) throws(ListingFailure) {
        // Whoever hangs up is noticed where it is written.
        signal(SIGPIPE, SIG_IGN)
        guard fcntl(STDOUT_FILENO, F_GETFD) >= 0 else { throw .output(Errno(rawValue: errno)) }
        var program = ListingProgram(options)
        do throws(ListingFailure) {
            try program.list()
        } catch .closed {
            return
        }
    }

    private init(_ options: ListingOptions) {
        self.options = options
        environment = OutputEnvironment.standardOutput()
        style = TextStyle(
            isColored: environment.isColored(options.color), charset: environment.charset)
        reader = ListingReader(
            options, source: KernelTCPTable(procfs: options.procfs), procfs: options.procfs,
            cgroupfs: options.cgroupfs, charset: environment.charset)
    }

    private mutating func list() throws(ListingFailure) {
        let first = try ProgressLine.during { () throws(ListingFailure) in try reader.read() }
        guard let milliseconds = options.watchMilliseconds else {
            try write(first, time: nil)
            return
        }
        if environment.isScreen, !options.isJSON {
            var watch = try ScreenWatch(first, reader, style, milliseconds: milliseconds)
            try watch.run()
        } else {
            try stream(first, milliseconds)
        }
    }

    private mutating func write(_ reading: Reading, time: WallTime?) throws(ListingFailure) {
        var style = style
        if environment.isTerminal { style.columnsMax = Terminal.size(STDOUT_FILENO)?.columns }
        try output.write(reading, isJSON: options.isJSON, time: time, style)
        problems.say(reading.problems)
    }

    /// Listings one after the other, for a file or a pipe.
    private mutating func stream(
        _ first: Reading, _ milliseconds: Int
    ) throws(ListingFailure) {
        var reading = first
        while true {
            if !options.isJSON {
                output.bytes.append(contentsOf: "\(reading.time.dateText)\n".utf8)
            }
            try write(reading, time: reading.time)
            guard !waitForHangUp(milliseconds) else { throw .closed }
            if !options.isJSON { output.bytes.append("\n") }
            reading = try reader.read()
        }
    }

    /// Whether the reader of a pipe goes away in that time.
    private func waitForHangUp(_ milliseconds: Int) -> Bool {
        let end = MonotonicTime.now + .milliseconds(milliseconds)
        var watched = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        _ = retryingOnInterrupt { unsafe poll(&watched, 1, end.millisecondsLeft) }
        return watched.revents != 0
    }
}

/// What could not be known, on standard error, each of it once.
private struct ProblemLines {
    private var said: Set<String> = []

    mutating func say(_ problems: [String]) {
        for problem in problems where said.insert(problem).inserted {
            complain(problem)
        }
    }
}

/// Writes a line on standard error; there is nowhere to say that this failed.
package func complain(_ message: String, prefix: String = "tcptable: ") {
    let line = Array("\(prefix)\(visible(message: message))\n".utf8)
    _ = try? FileDescriptor.standardError.writeAll(line)
}
