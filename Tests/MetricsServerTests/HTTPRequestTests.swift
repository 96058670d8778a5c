import Testing

@testable import MetricsServer

@Suite struct HTTPRequestTests {
    let request = HTTPRequest(
        method: "GET", path: "/",
        headers: [
            (name: "Accept", value: "a"), (name: "X-@", value: "at"), (name: "ACCEPT", value: "b"),
        ])

    @Test(arguments: ["accept", "Accept", "aCCEPT"])
    func headersAreFoundInAnyCaseAndJoined(_ name: String) {
        #expect(request.header(name) == "a, b")
    }

    @Test func onlyLettersHaveACase() {
        #expect(request.header("x-@") == "at")
        #expect(request.header("x-`") == nil)
    }
}
