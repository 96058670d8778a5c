import Exporter

extension MicroBenchmark {
    /// All of them, in the order in which a scrape does their work; then the last of them in plain C.
    ///
    /// - Throws: When the made-up host's directory cannot be written.
    static func all() throws -> [MicroBenchmark] {
        let host = try CannedHost(socketCount: unitCount)
        let decoding = DecodingWork(host)
        let lookup = LookupWork(host, decoding.rows())
        let aggregation = ScrapeWork(host, decoding.rows(), collectors: [.state, .offload])
        let scrape = ScrapeWork(host, decoding.rows())
        let encoding = EncodingWork(seriesCount: unitCount)
        return [
            MicroBenchmark(
                "decode", "row", allocationsMax: 10, prepare: decoding.prepare, body: decoding.run),
            MicroBenchmark(
                "lookup", "row", allocationsMax: 10, prepare: lookup.prepare,
                body: lookup.run),
            MicroBenchmark("aggregate", "row", allocationsMax: 60, body: aggregation.run),
            // Most of them to read the made-up host's files, and a sixty-fourth of the descriptors.
            MicroBenchmark("scrape", "row", allocationsMax: 1_460, body: scrape.run),
            MicroBenchmark("encode", "series", allocationsMax: 0, body: encoding.run),
            MicroBenchmark("snprintf", "series", allocationsMax: 0, body: encoding.runPlainC),
        ]
    }
}
