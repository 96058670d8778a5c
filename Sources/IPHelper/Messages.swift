import CIPHelper

/// What a code means, in a sentence.
func message(of code: DWORD) -> String {
    switch code {
    case NO_ERROR:
        "The function has done what it was asked."
    case ERROR_TOO_MANY_OPEN_FILES:
        "The process or the system has no file descriptor left."
    case ERROR_ACCESS_DENIED:
        "The system denies the caller what the question needs."
    case ERROR_NOT_ENOUGH_MEMORY:
        "There is not enough memory for the answer."
    case ERROR_GEN_FAILURE:
        "A system call failed."
    case ERROR_NOT_SUPPORTED:
        "This kernel gives no TCP table: it has no TCP socket diagnostics (modules inet_diag and "
            + "tcp_diag)."
    case ERROR_INVALID_PARAMETER:
        "An argument is wrong: a pointer that must not be null is, the size cannot be written, or "
            + "the class or the family does not exist."
    case ERROR_INSUFFICIENT_BUFFER:
        "The buffer is null or too small; the size says what is needed."
    case ERROR_PARTIAL_COPY:
        "The owner became another program, or ended, while it was looked up."
    case ERROR_NOT_FOUND:
        "No process holds the connection, or the one that did has ended."
    case ERROR_RETRY:
        "The kernel's answer was incomplete or makes no sense; ask again."
    default:
        "Error \(code), which no function of the IP Helper library returns."
    }
}

/// Writes a text and a zero, cut to the size on the boundary of a character.
func write(_ text: String, to bytes: UnsafeMutableRawBufferPointer) {
    guard unsafe !bytes.isEmpty else { return }
    var offset = 0
    for scalar in text.unicodeScalars {
        let encoded = Array(String(scalar).utf8)
        guard offset + encoded.count < bytes.count else { break }
        unsafe bytes[offset...].copyBytes(from: encoded)
        offset += encoded.count
    }
    unsafe bytes[offset] = 0
}
