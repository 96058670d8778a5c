import CIPHelper

/// The text of an error code: one sentence.
func errorMessage(_ code: DWORD) -> String {
    switch code {
    case NO_ERROR:
        "The function succeeded."
    case ERROR_TOO_MANY_OPEN_FILES:
        "The process or the system has no free file descriptors."
    case ERROR_ACCESS_DENIED:
        "The caller lacks the permissions for this call."
    case ERROR_NOT_ENOUGH_MEMORY:
        "Not enough memory is available."
    case ERROR_GEN_FAILURE:
        "A system call failed."
    case ERROR_NOT_SUPPORTED:
        "The kernel does not support TCP socket diagnostics (modules inet_diag and tcp_diag)."
    case ERROR_INVALID_PARAMETER:
        "An argument is invalid: a required pointer is null, the size cannot be written, or the "
            + "class or the address family does not exist."
    case ERROR_INSUFFICIENT_BUFFER:
        "The buffer is null or too small. The size has been set to what is needed."
    case ERROR_PARTIAL_COPY:
        "The owning process changed or ended during the lookup."
    case ERROR_NOT_FOUND:
        "No process owns the connection, or its owner has ended."
    case ERROR_RETRY:
        "The kernel's reply was incomplete or malformed. Try again."
    default:
        "Unknown error code \(code)."
    }
}

/// Writes a text, null-terminated, and cut to the size at a character boundary.
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
