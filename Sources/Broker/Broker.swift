// Broker: what a request means.
//
// A listener authenticates a connection, makes a `Peer` of it and hands whole frames to a `KafkaSession`; HTTPS routes call
// the same handlers, admission and read pipelines with the same `Peer`. Everything behind that is here: routing, admission,
// topics, groups, administration, the audit of refusals and changes, the ledger of what was delivered.
//
// What it must not know: sockets, TLS, files, SQL, how a log keeps its bytes. It reaches the outside through two seams,
// `PartitionStore` and `MetadataStore` (module Storage), through `BrokerClock`, and through the event loop it is given.
//
// Two planes. The data plane (Produce, Fetch) runs synchronously on the connection's event loop and continues in
// callbacks; it makes no task, takes no lock and reads the catalogue and the policy once a request, from snapshots. The
// control plane (all other APIs) runs in one task at a time for each connection, so that requests keep their order there.
//
// Where to start reading:
//   Session/KafkaSession.swift          one connection: frames in, replies out
//   Session/RequestRouter.swift         bytes → handler, by the table in Handlers/Handlers.swift
//   Registry/SchemaRegistry.swift       the schemas, compiled: a snapshot that admission reads
//   Admission/AdmissionPipeline.swift   the only way of a record into a log
//   Reading/FetchInFlight+Scan.swift    what restricted subscribers are shown, by Reading/BatchProjector.swift
//   Delivery/DeliveryAccount.swift      what a session is given, told to the delivery ledger
//   Handlers/00_Produce.swift, 01_Fetch.swift …   one numbered file for each Kafka API
//   BrokerServices.swift                what all of them share, and who may change it
//   Broker+Start.swift                  from a metadata image and a store to a running broker
