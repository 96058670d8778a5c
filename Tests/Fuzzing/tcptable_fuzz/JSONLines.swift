import Glibc

@testable import ContainerNames

/// So many bytes of standard input; nil at its end.
private func bytes(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
        let part = unsafe [UInt8](unsafeUninitializedCapacity: count - bytes.count) {
            buffer, filled in
            unsafe filled = max(0, read(STDIN_FILENO, buffer.baseAddress, buffer.count))
        }
        guard !part.isEmpty else { return nil }
        bytes += part
    }
    return bytes
}

private func hexadecimal(_ bytes: [UInt8]?) -> String {
    guard let bytes else { return "-" }
    let digits = Array("0123456789abcdef")
    return "x" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

private func answer(_ bytes: [UInt8]) -> String {
    guard let text = JSONText(bytes) else { return "!" }
    let strings = [
        text.string("Name"),
        text.string("Config", "Labels", "com.docker.compose.service"),
        text.string("annotations", "io.kubernetes.cri.sandbox-name"),
    ]
    return strings.map(hexadecimal).joined(separator: " ")
}

/// Reads JSON texts, each after its length in 4 little-endian bytes, with the reader of containers' files.
/// Writes a line for each: "!" for one that is refused, else the strings that are wanted, in hexadecimal
/// digits, and "-" for those that are missing.
func readJSONTexts() {
    while let length = bytes(4) {
        guard let text = bytes(length.reversed().reduce(0) { $0 << 8 | Int($1) }) else { break }
        var line = Array((answer(text) + "\n").utf8)[...]
        while !line.isEmpty {
            let written = unsafe line.withUnsafeBytes {
                unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            guard written > 0 else { exit(1) }
            line = line.dropFirst(written)
        }
    }
}
