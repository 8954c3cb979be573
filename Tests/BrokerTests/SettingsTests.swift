import KafkaWire
import Testing

@testable import Broker

@Suite("Settings, names and limits")
struct SettingsTests {
    @Test("Every broker setting takes its default, and its name is used once")
    func brokerDefaults() throws {
        let defaults = BrokerSettings()
        let all = Dictionary(uniqueKeysWithValues: BrokerSettings.table.rows.map { ($0.name, $0.text(in: defaults)) })
        #expect(try BrokerSettings(all) == defaults)
    }

    @Test("Each number takes both ends of its range and nothing beyond", arguments: BrokerSettings.table.rows.map(\.name))
    func ranges(name: String) throws {
        let row = try #require(BrokerSettings.table[name])
        guard case .integer(let field, let range) = row.kind else { return }
        for accepted in [range.lowerBound, range.upperBound] {
            var settings = BrokerSettings()
            try row.set(String(accepted), in: &settings)
            #expect(settings[keyPath: field] == accepted)
        }
        var refused = ["", "x", "1.5", "1 ", "99999999999999999999"]
        if range.lowerBound > .min { refused.append(String(range.lowerBound - 1)) }
        if range.upperBound < .max { refused.append(String(range.upperBound + 1)) }
        for text in refused {
            var settings = BrokerSettings()
            #expect(throws: SettingError.self) { try row.set(text, in: &settings) }
            #expect(settings == BrokerSettings(), "a refused value changes nothing")
        }
    }

    @Test("An unknown or contradictory setting is named in the refusal")
    func refusals() {
        #expect(throws: SettingError("num.partition is not a setting of the broker that Hanbridge knows")) {
            try BrokerSettings(["num.partition": "3"])
        }
        #expect(throws: SettingError.self) {
            try BrokerSettings(["group.min.session.timeout.ms": "10", "group.max.session.timeout.ms": "9"])
        }
        #expect(throws: SettingError.self) { try BrokerSettings(["socket.request.max.bytes": "65536"]) }
    }

    @Test("A topic is typed unless it says that it is not: by the subject of its name, or another")
    func typedByDefault() throws {
        let broker = try BrokerSettings([:])
        func subject(_ values: [String: String]) throws -> String? {
            try TopicConfiguration(values, defaultsOf: broker).valueSubject(ofTopic: "health.records")
        }
        #expect(try subject([:]) == "health.records-value")
        #expect(try subject(["hanbridge.schema.subject": "shared"]) == "shared")
        #expect(try subject(["hanbridge.schema.subject": "none"]) == nil)
    }

    @Test("A topic takes what this version acts on, and refuses the rest by name")
    func topicConfiguration() throws {
        let broker = try BrokerSettings(["message.max.bytes": "2000"])
        #expect(try TopicConfiguration([:], defaultsOf: broker).messageBytesMax == 2000)
        #expect(try TopicConfiguration(["max.message.bytes": "3000"], defaultsOf: broker).messageBytesMax == 3000)
        for (name, value) in [
            ("cleanup.policy", "compact"), ("hanbridge.ack", "replicated"), ("hanbridge.schema.version", "0"),
            ("hanbridge.schema.version", "newest"), ("hanbridge.schema.validation", "some"), ("hanbridge.schema.framing", "avro"),
            ("hanbridge.schema.subject", String(repeating: "x", count: 256)), ("min.insync.replicas", "2"), ("nonsense", "1"),
        ] {
            do {
                _ = try TopicConfiguration([name: value], defaultsOf: broker)
                Issue.record("\(name)=\(value) was accepted")
            } catch {
                #expect(error.description.contains(name))
            }
        }
    }

    @Test("Topic names follow Kafka's rules, at the longest and one past it")
    func topicNames() throws {
        for name in ["a", "a.b_c-D9", "...", "_own", String(repeating: "x", count: 249)] {
            #expect(try TopicName(name).text == name)
        }
        for name in ["", ".", "..", "a/b", "a\0b", "a b", "é", "a\n", String(repeating: "x", count: 250)] {
            #expect(throws: TopicNameError.self) { try TopicName(name) }
        }
        #expect(try TopicName("a.b").collisionKey == TopicName("a_b").collisionKey)
    }

    @Test("Ids print as Kafka prints them", arguments: [(UInt64(0), UInt64(0), "AAAAAAAAAAAAAAAAAAAAAA"), (.max, .max, "_____________________w")])
    func kafkaText(high: UInt64, low: UInt64, text: String) {
        #expect(UUID128(high: high, low: low).kafkaText == text)
    }

    @Test("A snapshot that is read while another is put in its place stays what it was")
    func snapshotBox() async {
        let box = SnapshotBox([0])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for value in 1...2000 { box.replace(with: [value, value]) } }
            for _ in 0..<3 {
                group.addTask {
                    var last = 0
                    for _ in 0..<2000 {
                        let read = box.value
                        #expect(Set(read).count == 1 && read[0] >= last)
                        last = read[0]
                    }
                }
            }
        }
        #expect(box.value == [2000, 2000])
    }
}
