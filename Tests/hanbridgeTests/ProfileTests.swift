import Testing

@testable import hanbridge

@Suite("Profiles and addresses")
struct ProfileTests {
    @Test("a profile reads what it wrote")
    func roundTrip() throws {
        let profile = Profile(
            kafka: "a:1", https: "https://a:2", endpoints: "e.json", ca: "ca \"x\".pem", certificate: "c", key: "k\\e", purpose: "p")
        #expect(try Profile(parsing: profile.yaml, name: "p") == profile)
    }

    @Test("an unknown key and a missing one are refused")
    func refused() {
        #expect(throws: CommandFailure.self) { try Profile(parsing: "kafka: a:1\nhttps: b\nca: c\ncertificate: d\nkey: e\npasword: x\n", name: "p") }
        #expect(throws: CommandFailure.self) { try Profile(parsing: "kafka: a:1\n", name: "p") }
        #expect(throws: CommandFailure.self) { try Profile(parsing: "- 1\n", name: "p") }
    }

    @Test("the first of several brokers is asked")
    func several() throws {
        var profile = Profile(kafka: "a:1, b:2", https: "", ca: "", certificate: "", key: "")
        #expect(profile.kafkaAddress == HostAndPort(host: "a", port: 1))
        profile.kafka = "a"
        #expect(profile.kafkaAddress == nil)
    }

    @Test("an address is a host and a port, an IPv6 host in brackets")
    func addresses() {
        #expect(HostAndPort("[::1]:9093") == HostAndPort(host: "::1", port: 9093))
        #expect(HostAndPort("[::1]:9093")?.description == "[::1]:9093")
        for text in ["", "a", "a:", ":1", "a:65536", "a:-1", "::1:9", "a:x"] { #expect(HostAndPort(text) == nil, "\(text)") }
    }

    @Test("a start is a word, an offset or a time")
    func starts() {
        #expect(StartPosition(argument: "earliest") == .position(.earliest))
        #expect(StartPosition(argument: "42") == .offset(42))
        #expect(StartPosition(argument: "2026-11-20") == .position(.time(1_795_107_600_000)))
        #expect(StartPosition(argument: "2026-11-20T00:00:00+07:00") == .position(.time(1_795_107_600_000)))
        for text in ["-1", "yesterday", "", "2026-13-01"] { #expect(StartPosition(argument: text) == nil, "\(text)") }
    }
}
