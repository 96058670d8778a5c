/// What a server has counted since its start, and what is there now.
package struct ServerStatistics: Sendable {
    /// Connections that are open.
    package internal(set) var openConnections = 0
    /// Requests that wait for their handler's response.
    package internal(set) var requestsInFlight = 0
    var endedConnections = [UInt64](repeating: 0, count: ConnectionTable.Cause.allCases.count)
    var responses = ResponseCounts()

    /// Connections that have ended, by why; always the same reasons.
    package var connectionsByReason: [(reason: String, count: UInt64)] {
        ConnectionTable.Cause.allCases.map { ($0.label, endedConnections[$0.rawValue]) }
    }

    /// Responses sent, whole or in part, by their status; always the same ones, in their order.
    package var responsesByCode: [(code: String, count: UInt64)] { responses.byCode }
}

extension ConnectionTable.Cause {
    fileprivate var label: String {
        switch self {
        case .clientLimit: "client_limit"
        case .connectionLimit: "connection_limit"
        case .evicted: "evicted"
        case .requestTimeout: "request_timeout"
        case .other: "other"
        }
    }
}

/// Responses by status.
struct ResponseCounts {
    /// All that the server, its routes and libmicrohttpd give; the last place is for any other.
    private static let codes = [
        200, 400, 401, 404, 405, 413, 414, 429, 431, 500, 501, 503, 505,
    ]

    private var counts = [UInt64](repeating: 0, count: codes.count + 1)

    mutating func count(_ status: Int) {
        counts[Self.codes.firstIndex(of: status) ?? Self.codes.count] += 1
    }

    var byCode: [(code: String, count: UInt64)] {
        Array(zip(Self.codes.map(String.init) + ["other"], counts))
    }
}
