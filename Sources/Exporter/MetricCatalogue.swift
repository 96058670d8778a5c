package import Exposition

/// The names, labels and help texts of all metric families. Durations are in seconds, sizes in bytes.
package enum Metric {
    // MARK: The table

    package static let connections = MetricFamily(
        "tcptable_connections", labels: ["family", "state"],
        help: "TCP sockets by address family and TCP state.")
    package static let offloadConnections = MetricFamily(
        "tcptable_offload_connections", labels: ["family", "offload_state"],
        help: "TCP sockets by address family and offload state.")
    package static let tlsConnections = MetricFamily(
        "tcptable_tls_connections", labels: ["direction", "mode", "version", "cipher"],
        help: """
            Connections with kernel TLS by direction, encryption mode, protocol version and cipher.
            """)
    package static let tlsSessions = MetricFamily(
        "tcptable_tls_sessions_total", .counter, labels: ["direction", "mode"],
        help: "Kernel TLS sessions opened, by direction and encryption mode.")
    package static let tlsDecryptErrors = MetricFamily(
        "tcptable_tls_decrypt_errors_total", .counter,
        help: "Kernel TLS records that could not be decrypted.")
    package static let tlsDecryptRetries = MetricFamily(
        "tcptable_tls_decrypt_retries_total", .counter,
        help: "Kernel TLS records decrypted twice because of unexpected padding.")
    package static let tlsPaddingViolations = MetricFamily(
        "tcptable_tls_padding_violations_total", .counter,
        help: "Kernel TLS records with padding on connections set up to expect none.")
    package static let tlsDeviceResyncs = MetricFamily(
        "tcptable_tls_device_resyncs_total", .counter,
        help: "TLS device resynchronisations.")
    package static let tlsRekeys = MetricFamily(
        "tcptable_tls_rekeys_total", .counter, labels: ["direction", "result"],
        help: "Kernel TLS rekeys by direction and result.")
    package static let tlsRekeysReceived = MetricFamily(
        "tcptable_tls_rekeys_received_total", .counter,
        help: "TLS 1.3 KeyUpdate messages received.")
    package static let ephemeralPorts = MetricFamily(
        "tcptable_ephemeral_ports",
        help: "Ports in the ephemeral port range, without reserved ones.")
    package static let ephemeralPortsUsed = MetricFamily(
        "tcptable_ephemeral_ports_used", labels: ["family"],
        help: """
            Ephemeral ports that TCP sockets use, IPv4-mapped IPv6 ones as IPv4. Incoming connections use \
            their listener's port.
            """)
    package static let ephemeralPortsBusiest = MetricFamily(
        "tcptable_ephemeral_ports_busiest_destination", labels: ["family"],
        help: """
            Ephemeral ports that one local address uses toward one remote address and port, the most of \
            all. Exact up to 4096 destinations; with more, too low by at most 1/4097 of all connections.
            """)

    // MARK: Owner modules

    package static let moduleConnections = MetricFamily(
        "tcptable_module_connections", labels: ["module", "kind", "state"],
        help: """
            TCP sockets by owner module (systemd service, container, or else executable) and TCP state.
            """)
    package static let moduleInfo = MetricFamily(
        "tcptable_module_info",
        labels: [
            "module", "kind", "path", "k8s_namespace_name", "k8s_pod_name",
            "k8s_container_name",
        ],
        help: "Executable and Kubernetes names of an owner module, if known.")
    package static let unattributedConnections = MetricFamily(
        "tcptable_unattributed_connections", labels: ["reason", "state"],
        help: "TCP sockets without a known owner, by reason and TCP state.")
    package static let modulesFolded = MetricFamily(
        "tcptable_modules_folded",
        help: "Owner modules beyond the limit, which are summed as module and kind \"other\".")
    package static let containerNames = MetricFamily(
        "tcptable_container_names", labels: ["result"],
        help: "Containers by the result of looking for their names.")
    package static let moduleMapSuccessful = MetricFamily(
        "tcptable_module_map_last_reload_successful",
        help: "Whether the last reload of the module map succeeded.")
    package static let moduleReceiveQueue = MetricFamily(
        "tcptable_module_receive_queue_bytes", labels: ["module", "kind"],
        help: "Bytes received but not yet read by the owner module, without listeners.")
    package static let moduleSendQueue = MetricFamily(
        "tcptable_module_send_queue_bytes", labels: ["module", "kind"],
        help: "Bytes sent by the owner module but not yet acknowledged, without listeners.")
    package static let moduleOffloadConnections = MetricFamily(
        "tcptable_module_offload_connections", labels: ["module", "kind", "offload_state"],
        help: """
            TCP sockets by owner module and offload state, for modules with offloaded connections.
            """)
    package static let peerConnections = MetricFamily(
        "tcptable_peer_connections", labels: ["module", "kind", "peer", "state"],
        help: "TCP connections with named peers by owner module, peer and TCP state.")

    // MARK: Listeners

    private static let listenerLabels: [StaticString] = [
        "module", "kind", "family", "address", "interface", "port",
    ]

    package static let listenerBacklog = MetricFamily(
        "tcptable_listener_backlog_connections", labels: listenerLabels,
        help: """
            Connections in a listener's accept queue; of sockets that share the port, in the fullest one.
            """)
    package static let listenerBacklogLimit = MetricFamily(
        "tcptable_listener_backlog_limit_connections", labels: listenerLabels,
        help: """
            Limit of the same accept queue. The queue is full when it is longer than the limit.
            """)
    package static let listenerSockets = MetricFamily(
        "tcptable_listener_sockets", labels: listenerLabels,
        help: "Listening sockets that share owner module, address and port.")
    package static let listenerFullSockets = MetricFamily(
        "tcptable_listener_full_sockets", labels: listenerLabels,
        help: "Listening sockets with full accept queues.")
    package static let listenerDropped = MetricFamily(
        "tcptable_listener_dropped_connections_total", .counter, labels: listenerLabels,
        help: """
            Connection attempts that a listener dropped because its accept queue or SYN queue was full, \
            at most as many as were dropped in the network namespace.
            """)
    package static let listenerConnections = MetricFamily(
        "tcptable_listener_connections", labels: listenerLabels + ["state"],
        help: "TCP connections that came in by a listener, by TCP state.")
    package static let listenersFolded = MetricFamily(
        "tcptable_listeners_folded",
        help: """
            Listeners beyond the limit, which are summed with address and port \"other\". Those with \
            full accept queues are the last ones.
            """)

    // MARK: The exporter itself

    package static let scrapeCollectorSuccess = MetricFamily(
        "tcptable_scrape_collector_success", labels: ["collector"],
        help: "Whether a collector succeeded.")
    package static let scrapeCollectorDuration = MetricFamily(
        "tcptable_scrape_collector_duration_seconds", labels: ["collector"],
        help: """
            Time from the start of the scrape until a collector finished. All collectors share one dump.
            """)
    package static let tableDumpInterruptions = MetricFamily(
        "tcptable_table_dump_interruptions_total", .counter,
        help: "Table dumps that were interrupted by concurrent changes and retried.")
    package static let networkNamespacesSkipped = MetricFamily(
        "tcptable_network_namespaces_skipped",
        help: "Network namespaces that were not read because there are too many.")
    package static let tableDumpThreadsStuck = MetricFamily(
        "tcptable_table_dump_threads_stuck",
        help: """
            Threads that were given up because the kernel does not tell them which connections have \
            kernel TLS.
            """)
    package static let scrapesStuck = MetricFamily(
        "tcptable_scrapes_stuck",
        help: "Scrapes that were given up because they make no progress.")
    package static let ownerCache = MetricFamily(
        "tcptable_owner_cache_sockets",
        help: "Socket owners cached between scrapes.")
    package static let ownerCacheLimit = MetricFamily(
        "tcptable_owner_cache_limit_sockets",
        help: """
            Maximum number of cached socket owners. Other owners are searched for in each scrape.
            """)
    package static let buildInfo = MetricFamily(
        "tcptable_exporter_build_info", labels: ["version", "revision", "swift_version"],
        help: "Version, revision and Swift version from which the exporter was built.")
    package static let webConfigSuccessful = MetricFamily(
        "tcptable_web_config_last_reload_successful",
        help: "Whether the last reload of the web configuration succeeded.")
    package static let webConfigSuccessTime = MetricFamily(
        "tcptable_web_config_last_reload_success_timestamp_seconds",
        help: """
            Time of the last successful reload of the web configuration, in seconds since unix epoch.
            """)

    // MARK: The exporter's HTTP server

    package static let httpRequests = MetricFamily(
        "tcptable_http_requests_total", .counter, labels: ["code"],
        help: "HTTP requests by status code.")
    package static let logLinesDropped = MetricFamily(
        "tcptable_exporter_log_lines_dropped_total", .counter,
        help: "Log lines that were dropped because standard error was not read or not writable.")
    package static let httpRequestsInFlight = MetricFamily(
        "tcptable_http_requests_in_flight",
        help: "HTTP requests being processed.")
    package static let httpRequestsInFlightLimit = MetricFamily(
        "tcptable_http_requests_in_flight_limit",
        help:
            "Maximum number of HTTP requests handled at the same time, others wait; 0 is unlimited."
    )
    package static let httpConnections = MetricFamily(
        "tcptable_http_connections",
        help: "Open HTTP connections.")
    package static let httpConnectionsLimit = MetricFamily(
        "tcptable_http_connections_limit",
        help: "Maximum number of open HTTP connections.")
    package static let httpClientConnectionsLimit = MetricFamily(
        "tcptable_http_client_connections_limit",
        help: "Maximum number of open HTTP connections per client; 0 is unlimited.")
    package static let httpConnectionsClosed = MetricFamily(
        "tcptable_http_connections_closed_total", .counter, labels: ["reason"],
        help: "Closed HTTP connections by reason. \"other\" includes the idle timeout.")
    package static let httpHeaderLimit = MetricFamily(
        "tcptable_http_header_limit_bytes",
        help: "Maximum memory for a request line and headers.")
    package static let httpIdleTimeout = MetricFamily(
        "tcptable_http_idle_timeout_seconds",
        help: "Time after which an idle HTTP connection is closed; 0 is never.")
    package static let httpRequestTimeout = MetricFamily(
        "tcptable_http_request_timeout_seconds",
        help: "Maximum time to receive a request, and to send its response; 0 is unlimited.")

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

    /// All metric families.
    package static let all = [
        connections, offloadConnections, tlsConnections, tlsSessions, tlsDecryptErrors,
        tlsDecryptRetries, tlsPaddingViolations, tlsDeviceResyncs, tlsRekeys, tlsRekeysReceived,
        ephemeralPorts, ephemeralPortsUsed, ephemeralPortsBusiest,
        moduleConnections, moduleInfo, unattributedConnections, modulesFolded, containerNames,
        moduleMapSuccessful,
        moduleReceiveQueue, moduleSendQueue, moduleOffloadConnections, peerConnections,
        listenerBacklog, listenerBacklogLimit, listenerSockets, listenerFullSockets,
        listenerDropped, listenerConnections, listenersFolded,
        scrapeCollectorSuccess, scrapeCollectorDuration, tableDumpInterruptions,
        networkNamespacesSkipped, tableDumpThreadsStuck, scrapesStuck, ownerCache,
        ownerCacheLimit, buildInfo, webConfigSuccessful, webConfigSuccessTime,
        httpRequests, httpRequestsInFlight, httpRequestsInFlightLimit, httpConnections,
        httpConnectionsLimit, httpClientConnectionsLimit, httpConnectionsClosed, httpHeaderLimit,
        httpIdleTimeout, httpRequestTimeout, logLinesDropped,
        processCPU, processOpenFDs, processMaxFDs, processVirtualMemory, processResidentMemory,
        processStartTime,
    ]
}
