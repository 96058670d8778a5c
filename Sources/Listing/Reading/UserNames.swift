import Glibc
import TCPModel

/// The names of users (`man 3 getpwuid_r`).
package struct UserNames {
    /// How many users are looked up: a directory service may take its time for each.
    private static let lookUpsMax = 1024
    /// More than any line of a directory has.
    private static let byteCountMax = 65_536

    /// Nil for those without a name.
    private var names: [UInt32: String?] = [:]

    /// The user's name; nil if there is none.
    mutating func name(of user: UInt32) -> String? {
        if let known = names[user] { return known }
        guard names.count < Self.lookUpsMax else { return nil }
        let name = unsafe Self.entry { entry, buffer, count, found in
            unsafe getpwuid_r(user, entry, buffer, count, found)
        }?.name
        names[user] = name
        return name
    }

    /// The user with the name, or the number.
    package static func user(_ text: String) throws(InvalidArgument) -> UInt32 {
        if let number = UInt32(decimal: text) { return number }
        let user = unsafe entry { entry, buffer, count, found in
            unsafe getpwnam_r(text, entry, buffer, count, found)
        }?.user
        guard let user, !text.utf8.contains(0) else {
            throw InvalidArgument(
                description: "this host has no user '\(text)'; use a name or a number")
        }
        return user
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func entry(_ lookUp: LookUp) -> (name: String, user: UInt32)? {
        var byteCount = 1024
        while byteCount <= byteCountMax {
            var buffer = [CChar](repeating: 0, count: byteCount)
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            let status = unsafe lookUp(&entry, &buffer, byteCount, &found)
            if status == ERANGE {
                byteCount *= 4
                continue
            }
            guard status == 0, unsafe found != nil else { return nil }
            return unsafe (String(cString: entry.pw_name), entry.pw_uid)
        }
        return nil
    }
}
