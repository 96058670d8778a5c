import ArgumentParser
import CommandOptions
import Listing

do {
    var command = try ListingCommand.parseAsRoot(commandLineArguments())
    try command.run()
} catch {
    ListingCommand.end(with: error)
}
