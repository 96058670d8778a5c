@testable import Exposition

/// What an exposition says, as bytes.
func assembled(_ write: (inout TextExposition) -> Void) -> [UInt8] {
    var exposition = TextExposition()
    write(&exposition)
    return assembled(&exposition)
}

func assembled(
    _ exposition: inout TextExposition, as format: ExpositionFormat = .text
) -> [UInt8] {
    var bytes: [UInt8] = []
    exposition.assemble(into: &bytes, as: format)
    return bytes
}

func text(_ write: (inout TextExposition) -> Void) -> String {
    String(decoding: assembled(write), as: UTF8.self)
}

/// The same in OpenMetrics.
func openMetrics(_ write: (inout TextExposition) -> Void) -> String {
    var exposition = TextExposition()
    write(&exposition)
    return String(decoding: assembled(&exposition, as: .openMetrics), as: UTF8.self)
}

/// What `append` writes, as text.
func appended(_ append: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    append(&bytes)
    return String(decoding: bytes, as: UTF8.self)
}

let gauge = MetricFamily("test_gauge", labels: ["name"], help: "A gauge.")
