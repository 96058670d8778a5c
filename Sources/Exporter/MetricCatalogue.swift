package import Exposition

/// Every metric family that the exporter can give: the one place where names, labels and meanings
/// stand. Durations are seconds, sizes bytes.
package enum Metric {
    // MARK: The table

    package static let connections = MetricFamily(
        "tcptable_connections", labels: ["family", "state"],
        help: "TCP sockets of this host by the socket's address family and TCP state.")
    package static let offloadConnections = MetricFamily(
        "tcptable_offload_connections", labels: ["family", "offload_state"],
        help: "TCP sockets by who moves their bytes: the host's stack, or the network device.")
    package static let tlsConnections = MetricFamily(
        "tcptable_tls_connections", labels: ["direction", "mode", "version", "cipher"],
        help: "Connections with kernel TLS by direction and by where that direction is encrypted.")
    package static let tlsSessions = MetricFamily(
        "tcptable_tls_sessions_total", .counter, labels: ["direction", "mode"],
        help: "Directions of connections that were given to kernel TLS, by who encrypts them.")
    package static let tlsDecryptErrors = MetricFamily(
        "tcptable_tls_decrypt_errors_total", .counter,
        help: "Records that kernel TLS could not decrypt: a wrong key, or tampering.")
    package static let tlsDecryptRetries = MetricFamily(
        "tcptable_tls_decrypt_retries_total", .counter,
        help:
            "Records decrypted twice, because padding was not expected in them and there was some.")
    package static let tlsPaddingViolations = MetricFamily(
        "tcptable_tls_padding_violations_total", .counter,
        help: "Records with padding on connections whose program had promised that none would come."
    )
    package static let tlsDeviceResyncs = MetricFamily(
        "tcptable_tls_device_resyncs_total", .counter,
        help: "Times that the network device lost its place in a stream and was told it anew.")
    package static let tlsRekeys = MetricFamily(
        "tcptable_tls_rekeys_total", .counter, labels: ["direction", "result"],
        help: "New keys for connections that had some already, by whether they were taken.")
    package static let tlsRekeysReceived = MetricFamily(
        "tcptable_tls_rekeys_received_total", .counter,
        help: "Messages of the other side that it uses new keys from here on (TLS 1.3 KeyUpdate).")
    package static let ephemeralPorts = MetricFamily(
        "tcptable_ephemeral_ports",
        help: "Ports in the range that the kernel takes ephemeral ports from.")
    package static let ephemeralPortsUsed = MetricFamily(
        "tcptable_ephemeral_ports_used", labels: ["family"],
        help: "Distinct local ports of the ephemeral range that TCP sockets use.")

    // MARK: Owner modules

    package static let moduleConnections = MetricFamily(
        "tcptable_module_connections", labels: ["module", "kind", "state"],
        help: "TCP sockets by owner module: systemd service, container, or else the executable.")
    package static let moduleInfo = MetricFamily(
        "tcptable_module_info", labels: ["module", "kind", "path"],
        help: "The path of an owner module's executable, where it may be known.")
    package static let unattributedConnections = MetricFamily(
        "tcptable_unattributed_connections", labels: ["reason", "state"],
        help: """
            TCP sockets without a known owner: nobody holds them, a right is missing to see who \
            does, or the owner went away meanwhile.
            """)
    package static let modulesFolded = MetricFamily(
        "tcptable_modules_folded",
        help: "Owner modules beyond the limit, taken together as module and kind \"other\".")
    package static let moduleReceiveQueue = MetricFamily(
        "tcptable_module_receive_queue_bytes", labels: ["module", "kind"],
        help: "Bytes received and not yet read by the owner, listeners left out.")
    package static let moduleSendQueue = MetricFamily(
        "tcptable_module_send_queue_bytes", labels: ["module", "kind"],
        help: "Bytes written by the owner and not yet acknowledged, listeners left out.")
    package static let moduleOffloadConnections = MetricFamily(
        "tcptable_module_offload_connections", labels: ["module", "kind", "offload_state"],
        help: "TCP sockets by who moves their bytes, of owner modules with any not in_host.")
    package static let listenerBacklog = MetricFamily(
        "tcptable_listener_backlog_connections",
        labels: ["module", "kind", "family", "address", "port"],
        help: "Connections in a listener's accept queue, waiting for the program to accept them.")
    package static let listenerBacklogLimit = MetricFamily(
        "tcptable_listener_backlog_limit_connections",
        labels: ["module", "kind", "family", "address", "port"],
        help: "Limit of a listener's accept queue; it is full when the queue is longer than this.")

    // MARK: The exporter itself

    package static let scrapeCollectorSuccess = MetricFamily(
        "tcptable_scrape_collector_success", labels: ["collector"],
        help: "Whether the collector's values are complete and true.")
    package static let scrapeCollectorDuration = MetricFamily(
        "tcptable_scrape_collector_duration_seconds", labels: ["collector"],
        help: """
            Seconds from the start of the scrape until the collector had seen all its rows; all \
            collectors share one pass over the table.
            """)
    package static let tableDumpInterruptions = MetricFamily(
        "tcptable_table_dump_interruptions_total", .counter,
        help: "Dumps of the kernel's table that it called disturbed; each was tried again.")
    package static let ownerCache = MetricFamily(
        "tcptable_owner_cache_sockets",
        help: "Sockets whose owners are remembered from scrape to scrape.")
    package static let ownerCacheLimit = MetricFamily(
        "tcptable_owner_cache_limit_sockets",
        help: "Sockets whose owners can be remembered; of others they are found anew each scrape.")
    package static let buildInfo = MetricFamily(
        "tcptable_exporter_build_info", labels: ["version", "revision", "swift_version"],
        help: "The version, the commit and the Swift version this exporter was built from.")
    package static let webConfigSuccessful = MetricFamily(
        "tcptable_web_config_last_reload_successful",
        help: "Whether the web configuration's file is in force as it is now.")
    package static let webConfigSuccessTime = MetricFamily(
        "tcptable_web_config_last_reload_success_timestamp_seconds",
        help: "When the web configuration was last read with success, in seconds since unix epoch.")

    // MARK: The exporter's HTTP server

    package static let httpRequests = MetricFamily(
        "tcptable_http_requests_total", .counter, labels: ["code"],
        help: "HTTP requests answered by the exporter, by status code.")
    package static let logLinesDropped = MetricFamily(
        "tcptable_exporter_log_lines_dropped_total", .counter,
        help: "Log lines that were dropped because standard error was not read or not writable.")
    package static let httpRequestsInFlight = MetricFamily(
        "tcptable_http_requests_in_flight",
        help: "HTTP requests whose answer is being made, this one included.")
    package static let httpRequestsInFlightLimit = MetricFamily(
        "tcptable_http_requests_in_flight_limit",
        help: "Requests handled at the same time; others wait. 0 is no limit.")
    package static let httpConnections = MetricFamily(
        "tcptable_http_connections", help: "Connections of HTTP clients that are open.")
    package static let httpConnectionsLimit = MetricFamily(
        "tcptable_http_connections_limit",
        help: "Connections open at once; for a new one beyond these the longest idle is closed.")
    package static let httpClientConnectionsLimit = MetricFamily(
        "tcptable_http_client_connections_limit",
        help: "Connections open at once of one client; others are closed. 0 is no limit.")
    package static let httpConnectionsClosed = MetricFamily(
        "tcptable_http_connections_closed_total", .counter, labels: ["reason"],
        help: """
            Connections of HTTP clients that have ended, by the limit that ended them; other is every \
            usual end, the idle timeout included.
            """)
    package static let httpHeaderLimit = MetricFamily(
        "tcptable_http_header_limit_bytes",
        help: "Memory for a request's line and headers; larger ones are answered 414 or 431.")
    package static let httpIdleTimeout = MetricFamily(
        "tcptable_http_idle_timeout_seconds",
        help: "Seconds without a byte after which a connection is closed. 0 is never.")
    package static let httpRequestTimeout = MetricFamily(
        "tcptable_http_request_timeout_seconds",
        help: "Seconds that a client has to send a request, and to take its answer. 0 is no limit.")

    // MARK: The process

    package static let processCPU = MetricFamily(
        "process_cpu_seconds_total", .counter,
        help: "Total user and system CPU time spent in seconds.")
    package static let processOpenFDs = MetricFamily(
        "process_open_fds", help: "Number of open file descriptors.")
    package static let processMaxFDs = MetricFamily(
        "process_max_fds", help: "Maximum number of open file descriptors.")
    package static let processVirtualMemory = MetricFamily(
        "process_virtual_memory_bytes", help: "Virtual memory size in bytes.")
    package static let processResidentMemory = MetricFamily(
        "process_resident_memory_bytes", help: "Resident memory size in bytes.")
    package static let processStartTime = MetricFamily(
        "process_start_time_seconds",
        help: "Start time of the process since unix epoch in seconds.")

    /// The whole catalogue.
    package static let all = [
        connections, offloadConnections, tlsConnections, tlsSessions, tlsDecryptErrors,
        tlsDecryptRetries, tlsPaddingViolations, tlsDeviceResyncs, tlsRekeys, tlsRekeysReceived,
        ephemeralPorts, ephemeralPortsUsed,
        moduleConnections, moduleInfo, unattributedConnections, modulesFolded, moduleReceiveQueue,
        moduleSendQueue, moduleOffloadConnections, listenerBacklog, listenerBacklogLimit,
        scrapeCollectorSuccess, scrapeCollectorDuration, tableDumpInterruptions, ownerCache,
        ownerCacheLimit, buildInfo, webConfigSuccessful, webConfigSuccessTime,
        httpRequests, httpRequestsInFlight, httpRequestsInFlightLimit, httpConnections,
        httpConnectionsLimit, httpClientConnectionsLimit, httpConnectionsClosed, httpHeaderLimit,
        httpIdleTimeout, httpRequestTimeout, logLinesDropped,
        processCPU, processOpenFDs, processMaxFDs, processVirtualMemory, processResidentMemory,
        processStartTime,
    ]
}
