import ArgumentParser
import CommandOptions

do {
    ExporterCommand.main(try commandLineArguments())
} catch {
    ExporterCommand.exit(withError: error)
}
