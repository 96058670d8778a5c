import ArgumentParser

ExporterCommand.main()
