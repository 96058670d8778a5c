package import Logging
package import WebConfiguration

extension Logger {
    /// Says what became of a web configuration that was read.
    package func report(_ event: WebConfigurationEvent) {
        switch event {
        case .adopted(let remarks):
            info("the web configuration is in force")
            for remark in remarks { info("\(remark)") }
        case .rejected(let error):
            self.error("\(error); the settings before it stay in force")
        }
    }
}
