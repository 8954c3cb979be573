// MessageSchema: what makes a record typed. A schema's source goes in once and becomes a flat program; a payload goes in and is
// valid, or comes out with the violations: where, which rule, and a sentence.
//
//   CompiledSchema.swift       the one way in: compile, validate, tagged fields, normalised text
//   Compatibility.swift        may a new version of a schema stand beside the old ones
//   SchemaSource.swift         a schema's text with everything that it refers to
//   SchemaLimits.swift         the bound of everything here
//   JSON/                      RFC 8259 over raw bytes, JSON Schema 2020-12, 2019-09 and 7
//   Regex/                     ECMA-262 patterns under a step limit
//   Avro/  Protobuf/           the two binary formats, their schema languages and rules of resolution
//   Projection/                records cut to what a subscriber may see: FieldRules, compiled with a schema into a Projection
//
// Pure: no file, socket, clock or lock, and no dependency at all, so that it can be tried, measured and fuzzed by itself. It must not
// know what a topic, a subject or a publisher is: names that a schema refers to are resolved by the caller before it compiles.
// A violation names places and rules and never repeats a value: payloads do not reach logs.
//
// Start with CompiledSchema.swift.
