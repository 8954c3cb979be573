import Broker
import Listeners
import Logging
import Testing

@testable import hanbridge

@Suite("broker.yaml")
struct BrokerConfigurationTests {
    static let identity = """
        identity:
          certificate: c.pem
          key: k.pem
          authorities:
            - name: city
              certificates: [ca.pem]
              crls: none
              agencies: ["*"]

        """

    private func parse(_ text: String) throws(ConfigurationError) -> BrokerConfiguration {
        try BrokerConfiguration(parsing: text, file: "/etc/hanbridge/broker.yaml")
    }

    private func line(_ text: String) -> Int? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error.line
        }
    }

    @Test("a file with an identity alone has the defaults, paths relative to the file")
    func defaults() throws {
        let configuration = try parse(Self.identity)
        #expect(configuration.data == "/etc/hanbridge/data")
        #expect(configuration.listeners.kafka == HostAndPort(host: "0.0.0.0", port: 9093))
        #expect(configuration.tls == .onlyVersion13)
        #expect(configuration.policyDirectory == nil)
        #expect(configuration.settings.partitionCount == 1)
    }

    @Test("Kafka's names set Kafka's settings, and limits are kept with their lines")
    func settings() throws {
        let configuration = try parse(Self.identity + "kafka:\n  num.partitions: 3\nlimits:\n  connectionsMax: 5\n")
        #expect(configuration.settings.partitionCount == 3)
        #expect(configuration.limits == [.init(name: "connectionsMax", value: 5, line: 12)])
        #expect(try ListenerLimits(configuration).connectionsMax == 5)
    }

    @Test("an unknown key is refused with its line, at every level")
    func unknownKeys() {
        #expect(line(Self.identity + "dta: x\n") == 9)
        #expect(line(Self.identity + "listeners:\n  kafak: 127.0.0.1:1\n") == 10)
        #expect(line(Self.identity + "kafka:\n  num.partitions: 3\n  num.partitons: 3\n") == 11)
        #expect(line(Self.identity.replacing("      crls: none", with: "      crl: none")) == 7)
        #expect(throws: ConfigurationError.self) { try ListenerLimits(try parse(Self.identity + "limits:\n  conectionsMax: 5\n")) }
    }

    @Test("a missing part and a value of the wrong kind are refused with their line")
    func wrongValues() {
        #expect(throws: ConfigurationError.self) { try parse("data: x\n") }
        #expect(line(Self.identity + "tls:\n  minimumVersion: \"1.1\"\n") == 10)
        #expect(line(Self.identity + "listeners: 7\n") == 9)
        #expect(line(Self.identity + "listeners:\n  kafka: nowhere\n") == 10)
        #expect(line(Self.identity + "logging:\n  level: loud\n") == 10)
        #expect(line(Self.identity + "kafka:\n  num.partitions: many\n") == 10)
        #expect(line(Self.identity + "limits:\n  connectionsMax: many\n") == 10)
        #expect(throws: ConfigurationError.self) { try parse("") }
        #expect(throws: ConfigurationError.self) { try parse("a: [") }
        #expect(throws: ConfigurationError.self) { try parse(Self.identity.replacing("key: k.pem", with: "")) }
    }

    @Test("health listens on loopback only")
    func healthOnLoopback() {
        #expect(line(Self.identity + "listeners:\n  health: 0.0.0.0:9644\n") == 10)
    }

    @Test("limits that contradict each other are refused")
    func contradictingLimits() {
        #expect(throws: ConfigurationError.self) { try ListenerLimits(try parse(Self.identity + "limits:\n  connectionsMax: 0\n")) }
    }

    @Test("a larger request carries the limits above it along")
    func requestSize() throws {
        let limits = try ListenerLimits(try parse(Self.identity + "kafka:\n  socket.request.max.bytes: 104857600\n"))
        #expect(limits.frameBytesMax == 104_857_600)
        #expect(limits.requestBytesPerConnectionMax >= limits.frameBytesMax)
    }

    @Test("clients are told the configured address, else the listener's own with the port it got")
    func advertised() throws {
        let plain = try parse(Self.identity + "listeners:\n  kafka: 10.0.0.5:0\n").listeners
        #expect(plain.advertisedAddress(boundPort: 7).description == "10.0.0.5:7")
        let named = try parse(Self.identity + "listeners:\n  advertised: broker.example:0\n").listeners
        #expect(named.advertisedAddress(boundPort: 7).description == "broker.example:7")
    }
}
