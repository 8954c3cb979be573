import Broker
import Listeners
import NIOCore
import Sentences

extension ListenerLimits {
    /// The limits that broker.yaml sets, over the defaults.
    /// - Throws: ``ConfigurationError`` that names the line of a limit that is unknown or contradicts another.
    init(_ configuration: BrokerConfiguration) throws(ConfigurationError) {
        self.init()
        let settings = configuration.settings
        let named = configuration.settingNames
        // What Kafka has a name for is set under `kafka:`.
        if named.contains("max.connections") { connectionsMax = settings.connectionsMax }
        if named.contains("hanbridge.max.connections.per.node") { connectionsPerNodeMax = settings.connectionsPerNodeMax }
        if named.contains("connections.max.idle.ms") { idleTimeout = .milliseconds(Int64(settings.connectionIdleMilliseconds)) }
        if named.contains("socket.request.max.bytes") {
            frameBytesMax = settings.requestBytesMax
            requestBytesPerConnectionMax = Swift.max(requestBytesPerConnectionMax, frameBytesMax)
            requestBytesPerNodeMax = Swift.max(requestBytesPerNodeMax, requestBytesPerConnectionMax)
            requestBytesMax = Swift.max(requestBytesMax, requestBytesPerNodeMax)
        }
        for choice in configuration.limits {
            guard let set = Self.setters[choice.name] else {
                throw ConfigurationError(
                    file: configuration.file, line: choice.line,
                    sentence: .unknownKey("limits.\(choice.name)", known: Self.setters.keys.sorted()))
            }
            set(&self, choice.value)
        }
        do {
            try validate()
        } catch {
            throw ConfigurationError(
                file: configuration.file, line: configuration.limits.first?.line, sentence: .told(error.description))
        }
    }

    private typealias Setter = @Sendable (inout ListenerLimits, Int) -> Void

    private static let setters: [String: Setter] = [
        "connectionsMax": { $0.connectionsMax = $1 },
        "connectionsPerNodeMax": { $0.connectionsPerNodeMax = $1 },
        "handshakesPerAddressMax": { $0.handshakesPerAddressMax = $1 },
        "acceptsPerSecondMax": { $0.acceptsPerSecondMax = $1 },
        "acceptBacklog": { $0.acceptBacklog = $1 },
        "healthConnectionsMax": { $0.healthConnectionsMax = $1 },
        "frameBytesMax": { $0.frameBytesMax = $1 },
        "requestsInFlightPerConnectionMax": { $0.requestsInFlightPerConnectionMax = $1 },
        "requestBytesPerConnectionMax": { $0.requestBytesPerConnectionMax = $1 },
        "requestBytesPerNodeMax": { $0.requestBytesPerNodeMax = $1 },
        "requestBytesMax": { $0.requestBytesMax = $1 },
        "answerBytesPerConnectionMax": { $0.answerBytesPerConnectionMax = $1 },
        "answerBytesPerNodeMax": { $0.answerBytesPerNodeMax = $1 },
        "answerBytesMax": { $0.answerBytesMax = $1 },
        "httpBodyBytesMax": { $0.httpBodyBytesMax = $1 },
        "httpHeaderBytesMax": { $0.httpHeaderBytesMax = $1 },
        "handshakeTimeoutMilliseconds": { $0.handshakeTimeout = .milliseconds(Int64($1)) },
        "idleTimeoutMilliseconds": { $0.idleTimeout = .milliseconds(Int64($1)) },
        "requestTimeoutMilliseconds": { $0.requestTimeout = .milliseconds(Int64($1)) },
        "writeStallTimeoutMilliseconds": { $0.writeStallTimeout = .milliseconds(Int64($1)) },
        "drainTimeoutMilliseconds": { $0.drainTimeout = .milliseconds(Int64($1)) },
        "metricSeriesPerNameMax": { $0.metricSeriesPerNameMax = $1 },
        "refusalLinesPerSecondMax": { $0.refusalLinesPerSecondMax = $1 },
    ]
}
