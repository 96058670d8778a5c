import BuildInfo

/// What `--version` prints.
package func versionText(of command: String) -> String {
    "\(command) \(BuildInfo.version) (revision \(BuildInfo.revision), "
        + "Swift \(BuildInfo.swiftVersion))"
}
