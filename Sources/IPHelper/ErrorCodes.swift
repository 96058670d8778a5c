import CIPHelper
import SystemPackage
import TCPTable

// Errors as Windows' error codes.

extension TCPTableError {
    var code: DWORD {
        switch self {
        case .notSupported: ERROR_NOT_SUPPORTED
        case .failed(_, let errno): errno.code
        case .unreliable: ERROR_RETRY
        }
    }
}

extension OwnerError {
    var code: DWORD {
        switch self {
        case .notFound: ERROR_NOT_FOUND
        case .changed: ERROR_PARTIAL_COPY
        case .protected: NO_ERROR
        case .unreadable(_, let errno): errno.code
        }
    }
}

extension Errno {
    fileprivate var code: DWORD {
        switch self {
        case .noMemory, .noBufferSpace: ERROR_NOT_ENOUGH_MEMORY
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: ERROR_TOO_MANY_OPEN_FILES
        case .permissionDenied, .notPermitted: ERROR_ACCESS_DENIED
        default: ERROR_GEN_FAILURE
        }
    }
}
