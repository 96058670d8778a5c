import CBuildInfo

/// What the executable was built from.
package enum BuildInfo {
    /// Semantic version of the package's executables.
    package static let version = "1.0.0-rc.1"

    /// The commit; `unknown` outside a git checkout.
    package static var revision: String {
        let revision = unsafe String(cString: cbuildinfo_revision())
        return revision.isEmpty ? "unknown" : revision
    }

    /// Major and minor version of the Swift standard library.
    package static var swiftVersion: String {
        _SwiftStdlibVersion.current.description.split(separator: ".").prefix(2)
            .joined(separator: ".")
    }
}
