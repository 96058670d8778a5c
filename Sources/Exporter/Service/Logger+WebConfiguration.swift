package import Logging
package import WebConfiguration

extension Logger {
    /// Logs the result of reading the web configuration.
    package func report(_ event: WebConfigurationEvent) {
        switch event {
        case .adopted(let remarks):
            info("web configuration loaded")
            for remark in remarks { info("\(remark)") }
        case .rejected(let error):
            self.error("\(error); keeping the previous configuration")
        }
    }
}
