import ArgumentParser
import CommandOptions
import Glibc
import Listing
import ModuleMap
import TCPTable

/// The command line.
struct ListingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcptable",
        abstract: "List this host's TCP connections and listeners with their owners.",
        discussion: """
            MODULE is the systemd service, the container, or else the executable that owns the \
            socket. Without a known owner it is '-' (no process holds the socket, as in time_wait), \
            '(protected)' (root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, is needed to find the \
            owner), '(partial)' (the owner ended during the search), '(ambiguous)' (several \
            programs share the listener) or '(kernel)' (the kernel holds the socket). PROGRAM is \
            the process's own name, as in ss. For a listener, RECV-Q is the number of connections \
            waiting to be accepted, and SEND-Q the limit. OFFLOAD says whether the host or the \
            network device processes the connection; it is shown if that differs anywhere. NETNS \
            is shown with --netns.

            Columns are separated by two or more spaces (one on a narrow terminal), which no value \
            contains. Characters in names that a terminal does not show are written as \\x1b or \
            \\u{202e}. Addresses are never cut. On a narrow terminal names are cut, and PROGRAM, SEND-Q, \
            RECV-Q and PID are left out in this order; if that is not enough, lines are longer. \
            Output to a file or a pipe is complete.

            A row is listed if it matches every filter. A filter that is given several times, or \
            with several values separated by commas, matches any of them. (Values of --module and \
            --process are never split at commas.)

            States: close, listen, syn_sent, syn_recv, established, fin_wait1, fin_wait2, \
            close_wait, closing, last_ack, time_wait. The spellings of ss, such as ESTAB, \
            close-wait and TIME-WAIT, and its groups all, connected, synchronized, bucket and big \
            are accepted too. Offload states: in_host, offloading, offloaded, uploading.

            Examples:
              tcptable -lt                          listeners and their owners
              tcptable :443                         connections and listeners with port 443
              tcptable --state close-wait           connections that programs did not close
              tcptable --module 'nginx*'            connections of some services
              tcptable --remote 10.0.0.0/8          connections with a network
              tcptable --by remote --sort total     connections by remote address
              tcptable --by module --watch 1        connections by module, every second
              tcptable --netns all -l               listeners of all network namespaces
              tcptable --port 443 --json | jq .pid  process IDs for a script

            Keys of --watch: arrows, j, k, PgUp, PgDn, Home and End scroll; h and l scroll \
            columns; < and > sort by another column, and r reverses that; / filters by text; q \
            quits. The first column marks new (+), changed (~) and gone (-) rows.

            With --json, each row is one object on its own line. Unknown values are null. 'cookie' \
            identifies a socket until the host restarts; it is a string, because JSON parsers may \
            round 64-bit numbers. 'time', with --watch, is in Unix seconds.

            Exit status: 0 on success; 1 if the table cannot be read or the output cannot be \
            written; 64 for an invalid command line.
            """,
        version: versionText(of: "tcptable"))

    @OptionGroup(title: "Filters") var filters: FilterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Accepted for users of ss") var familiar: FamiliarOptions
    @Option(
        name: .customLong("module-map"),
        help: ArgumentHelp(
            "File with rules that name processes, as for the exporter's --collector.module.map.",
            valueName: "path"),
        completion: .file())
    var moduleMapFile: String?

    @OptionGroup(title: "Paths") var paths: PathOptions

    func validate() throws { _ = try sort }

    private var sort: ColumnSort? {
        get throws {
            do throws(InvalidArgument) {
                return try output.sort.map { (text) throws(InvalidArgument) in
                    try ColumnSort(text, of: output.summary)
                }
            } catch {
                throw ValidationError(
                    "The value '\(output.sort ?? "")' is invalid for '--sort <column>': \(error)")
            }
        }
    }

    func run() throws {
        var options = ListingOptions()
        options.filter = filters.filter
        options.summary = output.summary
        options.sort = try sort
        options.networkNamespaces = filters.netns.map(NamespaceChoice.init) ?? .own
        options.hasHeader = !output.noHeader
        options.isJSON = output.isJSON
        options.color = output.color
        options.watchMilliseconds = output.watchMilliseconds
        let host = try paths.host
        options.host = host
        options.naming = try moduleMapFile.map {
            try WatchedModuleMap(path: $0, details: host.processDetails)
        }
        try ListingProgram.run(options)
    }

    /// Prints the error, or the help or version that was asked for, and exits. An error may quote the
    /// command line, which may contain control characters.
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
