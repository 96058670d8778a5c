package import Exposition

/// What one scrape gave: an exposition, and what kept it from being complete.
package struct Scrape: Sendable {
    /// The samples. Without the table they are nothing but the exporter's own metrics.
    let samples: TextExposition
    /// Whether the table was read: without it, no gauge of the table is given at all.
    package let isTableRead: Bool
    /// What went wrong, a sentence each, worded the same as long as it is the same.
    package let problems: [String]
    /// What the scrapes until this one counted.
    var history = ScrapeHistory()
    /// The processes that hold what can be a problem.
    var suspects: [Suspect] = []

    /// The exposition, written anew by each call.
    ///
    /// - Parameter parts: Of the collectors, only those of these parts are given (`CollectorName.part`).
    package func exposition(
        as format: ExpositionFormat = .text, of parts: ExpositionParts = .all
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var samples = samples
        samples.assemble(into: &bytes, as: format, of: parts)
        return bytes
    }

    /// The exposition in the text format, written anew by each access.
    package var exposition: [UInt8] { exposition() }
}
