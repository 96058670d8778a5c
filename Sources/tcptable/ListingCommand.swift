import ArgumentParser
import BuildInfo
import Glibc
import Listing

/// The command line.
struct ListingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcptable",
        abstract: "Lists this host's TCP connections and listeners, with the program that each one "
            + "belongs to.",
        discussion: """
            MODULE is what a person would name when asked whose a connection is: a systemd service, \
            a container, else the executable. Without one there is '-' (no process holds it: \
            time_wait and the like), '(protected)' (it takes root, or CAP_SYS_PTRACE and \
            CAP_DAC_READ_SEARCH, to know) or '(partial)' (its owner went away meanwhile). Of a \
            listener, RECV-Q is how many connections wait to be accepted, and SEND-Q how many may. \
            OFFLOAD says who moves the bytes: the host's stack, or the network card. What a terminal \
            would not show in a name stands there as \\x1b or \\u{202e}; columns are two spaces or \
            more apart, unless a terminal is too narrow, and no column has two in a row. When standard \
            output is no terminal nothing is cut.

            Of filters of one kind a row needs to match one, of each kind that is given. Values may \
            have commas between, but for --module.

            States: close, listen, syn_sent, syn_recv, established, fin_wait1, fin_wait2, \
            close_wait, closing, last_ack, time_wait.
            Offload states: in_host, offloading, offloaded, uploading.

            Examples:
              tcptable --listening                  who listens, and where
              tcptable --state close_wait           who forgets to close
              tcptable --module nginx.service       one service's connections
              tcptable --by module --watch 1        who has how many, every second
              tcptable --port 443 --json | jq .pid  for programs

            With --json each row is an object on a line of its own. What is not known is null. \
            'cookie', which names a socket for ever, is a string, because a 64-bit number is more \
            than JavaScript can hold; 'time', in a watch, is in Unix seconds.

            Exit status: 0; 1 when the table cannot be read or the output not written; 64 for a \
            mistake on the command line.
            """,
        version: "tcptable \(BuildInfo.version) (revision \(BuildInfo.revision), "
            + "Swift \(BuildInfo.swiftVersion))")

    @OptionGroup(title: "Filters") var filters: FilterOptions
    @OptionGroup(title: "Form") var form: FormOptions
    @OptionGroup(title: "Paths") var paths: PathOptions

    func run() throws {
        var options = ListingOptions()
        options.filter = filters.filter
        options.summary = form.summary
        options.isJSON = form.isJSON
        options.color = form.color
        options.watchMilliseconds = form.watchMilliseconds
        options.procfs = try paths.checkedProcfs()
        options.cgroupfs = paths.cgroupfs
        try ListingProgram.run(options)
    }

    /// Says what went wrong, or the help or version that was asked for, and ends the process. What
    /// is said may quote the command line, and the command line may quote anybody.
    static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        if code == .success {
            exit(withError: error)
        } else if code == .validationFailure {
            printError(fullMessage(for: error), prefix: "")
        } else {
            printError("\(error)")
        }
        Glibc.exit(code.rawValue)
    }
}
