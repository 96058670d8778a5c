import Testing

/// The parser of expressions that other tests use.
struct RulesExpressionTests {
    @Test func metricsAndLabelsAreFound() {
        let expression = RulesExpression(
            """
            # a comment with words
            sum by (job, instance) (rate(a_total{state="x} y",kind!~'b|c'}[5m:1m] offset 1h))
              / ignoring (family) group_left (path) b > bool 0.5e3
              and on () level:c:sum or vector(1) unless d offset 5m
            """)
        #expect(expression.selectors.map(\.metric) == ["a_total", "b", "level:c:sum", "d"])
        #expect(expression.selectors[0].matchers.map(\.label) == ["state", "kind"])
        #expect(expression.selectors[0].matchers.map(\.value) == ["x} y", "b|c"])
        #expect(expression.grouping == ["job", "instance", "family", "path"])
    }

    @Test(arguments: [
        ("tcptable_nothing", "no metric tcptable_nothing"),
        ("tcptable_connections{module=\"a\"}", "tcptable_connections has no label module"),
        ("sum by (module) (tcptable_connections)", "no label module"),
        (
            "tcptable_connections{state=~\"listen|listening\"}",
            "tcptable_connections has no state=\"listening\""
        ),
    ])
    func unknownMetricsAreReported(_ text: String, _ complaint: String) throws {
        let complaints = try RulesVocabulary().complaints(of: RulesExpression(text))
        #expect(complaints.contains(complaint))
    }

    @Test func existingMetricsAreAccepted() throws {
        let text = "sum by (netns, state) (tcptable_connections{job=\"a\",state=\"listen\"})"
        #expect(try RulesVocabulary().complaints(of: RulesExpression(text)) == [])
    }
}
