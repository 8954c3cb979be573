// KafkaWire: the Kafka protocol as bytes. Frames' contents, request and response layouts, record batches, compression.
//
// Pure: no socket, no file, no clock, no lock. It must not know what a request means, who sent it or where records are kept.
// Everything here takes bytes that a stranger may have made up: each decode is bounded by the bytes that are there and by
// `WireLimits`, answers bad input with a `WireError` that carries the byte offset, and never traps.
//
// Where to start reading:
//
// - `Layout/LayoutWalker.swift`: a message's layout is one hand-written function. A reader, a writer and a recorder of
//   specifications walk the same function, so encoding and decoding cannot disagree, and the layouts can be compared
//   field by field with Apache's message definitions.
// - `Messages/`: one file a Kafka API, numbered by its API key; the header says versions, behaviour and what each version
//   changed. `ApiKey.swift` is the table of all.
// - `Records/RecordBatchValidator.swift`: what a producer's batch must be before anything else looks at it.
//   `RecordReader` iterates records, `RecordBatchBuilder` makes batches, `LegacyMessageSet` converts message formats 0 and 1,
//   `Codec` inflates under a limit.
//
// Versions: old ones are kept where clients of the last ten years need them, and what is advertised (`versions` of each
// message) is exactly what is implemented.
