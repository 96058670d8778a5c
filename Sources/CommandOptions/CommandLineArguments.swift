import ArgumentParser
import CArguments

/// What follows the program's name on the command line.
///
/// Throws if there is not even a name: options that a caller relies on, such as a password file,
/// would be missing without a word.
package func commandLineArguments() throws -> [String] {
    guard carguments_count() > 0 else {
        throw ValidationError("The command line is missing: there is no program name (argc is 0).")
    }
    return (1..<carguments_count()).map { unsafe String(cString: carguments_at($0)) }
}
