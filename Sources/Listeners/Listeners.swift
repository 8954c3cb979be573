// Listeners: the sockets of the broker, and nothing of what is said over them.
//
// Three doors, each a `Service`:
//   KafkaListener   the Kafka protocol over mutual TLS (9093)
//   HTTPSListener   administration over HTTPS, HTTP/1.1 and HTTP/2 (8443)
//   HealthListener  /livez, /readyz and /metrics in plain HTTP, on loopback only (9644)
//
// What this module owes the rest of the broker:
//   - whoever is on the other side of a `KafkaSession` or a route is a `Peer` whose certificate was valid under the trust in
//     force, also after a resumed TLS session, and the connection ends within five seconds once it no longer is;
//   - requests of one connection are handed on in the order they came, and answered in that order;
//   - memory is bounded whatever clients do: every limit is in `ListenerLimits`, and every refusal has a `CloseReason`.
//
// What it must not know: what a request means (Broker), how records are kept (CommitLog, Metadata), where a path of trust comes
// from (Identity decides; this module asks after every handshake).
//
// Who owns what: a connection, its state machine, its queue and its timers belong to one event loop, and so does the shard of
// `ConnectionRegistry` that lists it. Across loops go only counters (`ByteBudget`, `NodeAccount`) and the immutable `Trust`.
//
// Start reading at Kafka/KafkaConnectionHandler.swift beside Kafka/ConnectionStateMachine.swift; then Trust/HandshakeInquiry.swift
// for who is let in, and Connections/ for how many.
