import Glibc

/// The users of this host's own list. Others, of a directory service, are not looked up: that can take
/// as long as a network does.
enum UserNames {
    /// The number of a user in `/etc/passwd`; nil if there is none.
    ///
    /// The corresponding C function is `fgetpwent_r`.
    static func userID(_ name: String) -> UInt32? {
        guard let file = unsafe fopen("/etc/passwd", "re") else { return nil }
        defer { unsafe fclose(file) }
        var entry = unsafe passwd()
        var text = [CChar](repeating: 0, count: 65_536)
        while true {
            var found: UnsafeMutablePointer<passwd>?
            guard unsafe fgetpwent_r(file, &entry, &text, text.count, &found) == 0,
                let found = unsafe found
            else { return nil }
            if unsafe strcmp(found.pointee.pw_name, name) == 0 {
                return unsafe found.pointee.pw_uid
            }
        }
    }
}
