import ArgumentParser
import Listing

do {
    var command = try ListingCommand.parseAsRoot()
    try command.run()
} catch {
    ListingCommand.end(with: error)
}
