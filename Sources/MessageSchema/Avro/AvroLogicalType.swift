/// The logical types of Avro 1.12. One that is unknown, or annotates a type that it may not, is ignored, as the specification says.
enum AvroLogicalType: Hashable, Sendable {
    case decimal(precision: Int, scale: Int)
    case uuid
    case date
    case timeMillis, timeMicros
    /// `timestamp-` and `local-timestamp-` in milliseconds, microseconds, nanoseconds: any long is one.
    case instant(String)
    case duration

    /// - Parameter members: of the schema object that names it.
    init?(of kind: AvroKind, members: [(name: String, value: AvroJSON)]) {
        guard case .string(let word)? = members.first(where: { $0.name == "logicalType" })?.value else { return nil }
        func integer(_ name: String) -> Int? {
            guard case .number(let text)? = members.first(where: { $0.name == name })?.value else { return nil }
            return Int(text)
        }
        switch (word, kind) {
        case ("decimal", .bytes), ("decimal", .fixed):
            let scale = members.contains { $0.name == "scale" } ? integer("scale") : 0
            guard let precision = integer("precision"), let scale, precision > 0, (0...precision).contains(scale) else { return nil }
            if case .fixed(let size) = kind, precision > Self.digits(inBytes: size) { return nil }
            self = .decimal(precision: precision, scale: scale)
        case ("uuid", .string), ("uuid", .fixed(size: 16)): self = .uuid
        case ("date", .int): self = .date
        case ("time-millis", .int): self = .timeMillis
        case ("time-micros", .long): self = .timeMicros
        case ("timestamp-millis", .long), ("timestamp-micros", .long), ("timestamp-nanos", .long),
            ("local-timestamp-millis", .long), ("local-timestamp-micros", .long), ("local-timestamp-nanos", .long):
            self = .instant(word)
        case ("duration", .fixed(size: 12)): self = .duration
        default: return nil
        }
    }

    /// floor(log10(2^(8 · size - 1) - 1)): the digits that every number of so many has a place for.
    private static func digits(inBytes size: Int) -> Int {
        guard size > 0 else { return 0 }
        // 8 · size - 1 bits hold log10(2) of a digit each. 2^n is never a power of ten, so that taking one off does not change the floor.
        return Int((Double(8 * size - 1) * 0.301029995663981195).rounded(.down))
    }
}
