import AccessPolicy
import Testing

@Suite struct PatternTests {
    @Test("a literal topic matches itself alone")
    func literalTopic() throws {
        let pattern = try TopicPattern("health.v1")
        #expect(pattern.matches("health.v1"))
        #expect(!pattern.matches("health.v10"))
        #expect(!pattern.matches("health.v"))
        #expect(!pattern.matches("Health.v1"))
    }

    @Test("a prefix matches every name that begins with it, and none of the broker's own")
    func prefixTopic() throws {
        let pattern = try TopicPattern("health.*")
        #expect(pattern.matches("health."))
        #expect(pattern.matches("health.vaccination.v1"))
        #expect(!pattern.matches("health"))
        #expect(!pattern.matches("education.health.v1"))
        let every = try TopicPattern("*")
        #expect(every.matches("anything"))
        #expect(!every.matches("_audit.access"))
    }

    @Test(
        "what Kafka would not take as a topic name is no pattern",
        arguments: ["", ".", "..", "a/b", "a*b", "**", "á", "a b", "_audit.access", "_*", String(repeating: "a", count: 250)])
    func badTopics(_ text: String) {
        #expect(throws: PatternError.self) { try TopicPattern(text) }
    }

    @Test("a topic name of 249 characters is accepted")
    func longestTopic() throws {
        let name = String(repeating: "a", count: 249)
        #expect(try TopicPattern(name).matches(name))
    }

    @Test("a star stands for any value of its whole level")
    func nodes() throws {
        let registry = try node("health/registry/a1")
        #expect(try NodePattern("health/registry/a1").matches(registry))
        #expect(try NodePattern("health/registry/*").matches(registry))
        #expect(try NodePattern("health/*/*").matches(registry))
        #expect(try NodePattern("*/registry/*").matches(registry))
        #expect(try NodePattern("*/*/*").matches(registry))
        #expect(try !NodePattern("health/registry/a").matches(registry))
        #expect(try !NodePattern("health/other/*").matches(registry))
        #expect(try !NodePattern("education/*/*").matches(registry))
    }

    @Test(
        "a node pattern has three levels, each a name or a star",
        arguments: ["", "health", "health/registry", "health/registry/a/b", "health//a", "Health/a/b", "he*/a/b", "a/b/c*", "../a/b"])
    func badNodes(_ text: String) {
        #expect(throws: PatternError.self) { try NodePattern(text) }
    }

    @Test("a group pattern is a literal or a prefix, never a bare star")
    func groups() throws {
        #expect(try GroupPattern("school-*").matches("school-dashboard"))
        #expect(try !GroupPattern("school-*").matches("school"))
        #expect(try GroupPattern("bảng-điều-khiển").matches("bảng-điều-khiển"))
        #expect(throws: PatternError.self) { try GroupPattern("*") }
        #expect(throws: PatternError.self) { try GroupPattern("a\u{0}b") }
    }
}
