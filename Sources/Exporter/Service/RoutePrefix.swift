import MetricsServer

/// What all paths of the service begin with, as in Prometheus: behind a reverse proxy that serves the
/// exporter below a path, and passes the path on as it is.
package struct RoutePrefix: Equatable, Sendable, CustomStringConvertible {
    /// No prefix.
    package static let none = RoutePrefix(segments: [])

    private let segments: [Substring]

    private init(segments: [Substring]) { self.segments = segments }

    /// Slashes at either end make no difference; `/` is no prefix.
    ///
    /// Nil for a path that a client could not request: one with an escape, a query, an empty segment, `.`
    /// or `..`.
    package init?(_ path: String) {
        guard path.utf8.allSatisfy(Self.isPathByte) else { return nil }
        let isSlash: (Character) -> Bool = { $0 == "/" }
        let trimmed = path.drop(while: isSlash).reversed().drop(while: isSlash).reversed()
        let segments = Substring(String(trimmed))
            .split(separator: "/", omittingEmptySubsequences: false)
        self.init(segments: segments == [""] ? [] : segments)
        guard self.segments.allSatisfy({ !["", ".", ".."].contains($0) }) else { return nil }
    }

    /// The path without a slash at its end; empty without a prefix.
    package var path: String { segments.map { "/" + $0 }.joined() }

    /// As it is written on the command line.
    package var description: String { segments.isEmpty ? "/" : path }

    /// The routes below the prefix, and redirections to the page there from `/` and from the prefix without
    /// a slash at its end.
    func apply(to routes: [Route]) -> [Route] {
        guard let last = segments.last else { return routes }
        return routes.map { $0.below(path) } + [
            Self.redirection(from: "/", to: path.dropFirst() + "/"),
            Self.redirection(from: path, to: last + "/"),
        ]
    }

    /// - Parameter location: Relative, so that it is true behind a proxy that removes a prefix of its own.
    private static func redirection(from path: String, to location: Substring) -> Route {
        let response = HTTPResponse.text(
            "Found: \(location)", status: 302, headers: [("Location", String(location))])
        return Route(path: path, isLimited: false) { _, exchange in exchange.respond(response) }
    }

    /// Whether a byte stands for itself in a URL's path (RFC 3986, section 2.3). A path with an escape
    /// or a query could not be requested, and a link to one with two leading slashes would name a host.
    package static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/-._~".utf8.contains(byte)
        }
    }
}
