/// How an answer's bytes travel (RFC 9110, section 8.4.1).
package enum ContentCoding: Hashable, Sendable {
    case identity
    case gzip

    /// What the client would rather have; as they are where it says nothing.
    ///
    /// A client that takes neither gets the bytes as they are: it can still read them, and nobody
    /// is helped by an error.
    ///
    /// - Parameter header: The value of `Accept-Encoding`.
    package static func negotiated(_ header: String?) -> ContentCoding {
        let list = PreferenceList(parsing: header ?? "")
        // RFC 9110 has recipients take x-gzip for gzip.
        let gzip = list.quality(of: "gzip") ?? list.quality(of: "x-gzip") ?? list.quality(of: "*")
        // Unless it is named, as they are is the last resort.
        let identity = list.quality(of: "identity") ?? 0
        guard let gzip, gzip > 0 else { return .identity }
        return gzip >= identity ? .gzip : .identity
    }
}

extension PreferenceList {
    /// Of the first element of that name.
    fileprivate func quality(of name: String) -> Int? {
        elements.first { $0.name == name }?.quality
    }
}

extension HTTPResponse {
    /// Shorter bodies fit into one packet with their headers as they are.
    static var compressedByteCountMin: Int { 1024 }

    /// The same answer in gzip's format; the answer itself where that is not worth it, or where
    /// there is no memory.
    package func gzippedIfWorthIt() -> HTTPResponse {
        guard body.count >= Self.compressedByteCountMin, let compressed = gzipped(body) else {
            return self
        }
        return HTTPResponse(
            status: status, contentType: contentType,
            headers: headers + [(name: "Content-Encoding", value: "gzip")], body: compressed)
    }
}
