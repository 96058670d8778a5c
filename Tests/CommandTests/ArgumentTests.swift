import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The options of the command line, whatever a preloaded library does before `main`.
    @Suite(.requires(.tool("gcc")))
    struct Arguments {
        private let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        private func library(_ source: String) throws -> String {
            let path = "\(directory.path)/preloaded.so"
            let file = try directory.write(source, to: "preloaded.c")
            let result = try run("gcc", ["-shared", "-fPIC", "-o", path, file])
            try #require(result.status == .exited(0), "\(result.standardError)")
            return path
        }

        /// The environment with a library that moves the environment, as libfaketime does.
        private func movedEnvironment() throws -> [String: String] {
            let library = try library(
                """
                #include <stdlib.h>
                __attribute__((constructor)) static void move(void) {
                    setenv("MOVED", "1", 1);
                }
                """)
            return ProcessInfo.processInfo.environment.merging(["LD_PRELOAD": library]) { $1 }
        }

        @Test(.requires(.curl))
        func theExporterKeepsItsAddressAndItsPasswordsWhenTheEnvironmentMoves() throws {
            let file = try WebConfigurationFile()
            try file.write(WebConfigurationFile.users)
            let exporter = try RunningExporter(
                ["--web.config.file=\(file.path)"], environment: movedEnvironment())
            #expect(exporter.addresses.count == 1)
            #expect(exporter.addresses.first?.hasPrefix("127.0.0.1:") == true)
            #expect(try exporter.get("/metrics").status == "401")
        }

        @Test func theListingKeepsItsFilterWhenTheEnvironmentMoves() throws {
            let environment = try movedEnvironment()
            try inNewNetworkNamespace {
                let held = try [SocketFamily.ipv4, .ipv6].map { try HeldSockets(.listen, $0) }
                defer { for sockets in held { sockets.close() } }
                let rows = try listedObjects()
                #expect(rows.count == 2)
                let cookie = rows.first?["cookie"] as? String
                let local = try #require(rows.first?["local"] as? [String: Any])
                let port = try #require(local["port"] as? Int)
                let output = try run(
                    lister, ["--json", "--port=\(port)"], environment: environment
                ).standardOutput
                #expect(try objects(output).map { $0["cookie"] as? String } == [cookie])
            }
        }

        @Test(arguments: [exporter, lister])
        func aProgramDoesNotStartWithoutACommandLine(_ program: String) throws {
            let library = try library(
                """
                #define _GNU_SOURCE
                #include <dlfcn.h>
                #include <stddef.h>
                typedef int entry(int (*)(int, char **, char **), int, char **, void (*)(void),
                                  void (*)(void), void (*)(void), void *);
                int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                                      void (*init)(void), void (*fini)(void),
                                      void (*loader_fini)(void), void *end) {
                    entry *next = (entry *)dlsym(RTLD_NEXT, "__libc_start_main");
                    return next(main, 0, argv + argc, init, fini, loader_fini, end);
                }
                """)
            let result = try run("env", ["LD_PRELOAD=\(library)", program, "--version"])
            #expect(result.status == .exited(64))
            #expect(result.standardOutput == "")
            #expect(result.standardError.contains("The command line is missing"))
        }
    }
}
