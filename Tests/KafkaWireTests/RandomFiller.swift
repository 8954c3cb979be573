import KafkaWire
import NIOCore

/// A walker that invents values: what a layout's version has no place for keeps its default.
struct RandomFiller: LayoutWalker {
    typealias Failure = Never

    let version: Int16
    private let isFlexible: Bool
    private var generator: SeededGenerator
    private var depth = 0

    /// A message with every field of the version filled at random.
    static func message<Message: WireMessage>(_: Message.Type, version: Int16, seed: UInt64) -> Message {
        var filler = RandomFiller(
            version: version, isFlexible: version >= Message.flexibleSince, generator: SeededGenerator(seed: seed))
        var message = Message()
        Message.layout(&message, by: &filler, version: version)
        return message
    }

    private init(version: Int16, isFlexible: Bool, generator: SeededGenerator) {
        self.version = version
        self.isFlexible = isFlexible
        self.generator = generator
    }

    mutating func bool(_ value: inout Bool, _ name: StaticString) { value = .random(using: &generator) }
    mutating func int8(_ value: inout Int8, _ name: StaticString) { value = .random(in: .min ... .max, using: &generator) }
    mutating func int16(_ value: inout Int16, _ name: StaticString) { value = .random(in: .min ... .max, using: &generator) }
    mutating func int32(_ value: inout Int32, _ name: StaticString) { value = .random(in: .min ... .max, using: &generator) }
    mutating func int64(_ value: inout Int64, _ name: StaticString) { value = .random(in: .min ... .max, using: &generator) }
    mutating func float64(_ value: inout Double, _ name: StaticString) { value = Double(Int32.random(in: .min ... .max, using: &generator)) / 8 }
    mutating func uuid(_ value: inout UUID128, _ name: StaticString) { value = .random(using: &generator) }

    mutating func string(_ value: inout String, _ name: StaticString) { value = text() }
    mutating func string(_ value: inout String?, _ name: StaticString, nullable: Bool) {
        value = nullable && oneInThree() ? nil : text()
    }
    mutating func bytes(_ value: inout [UInt8], _ name: StaticString) { value = blob() }
    mutating func bytes(_ value: inout [UInt8]?, _ name: StaticString, nullable: Bool) {
        value = nullable && oneInThree() ? nil : blob()
    }
    mutating func records(_ value: inout ByteBuffer?, parts: [ByteBuffer], _ name: StaticString) {
        value = oneInThree() ? nil : ByteBuffer(bytes: blob())
    }
    mutating func strings(_ values: inout [String], _ name: StaticString) { values = (0..<count()).map { _ in text() } }
    mutating func strings(_ values: inout [String]?, _ name: StaticString, nullable: Bool) {
        values = nullable && oneInThree() ? nil : (0..<count()).map { _ in text() }
    }
    mutating func int32s(_ values: inout [Int32], _ name: StaticString) {
        values = (0..<count()).map { _ in .random(in: .min ... .max, using: &generator) }
    }
    mutating func array<Element: WireStructure>(_ elements: inout [Element], _ name: StaticString) {
        elements = (0..<count()).map { _ in element() }
    }
    mutating func array<Element: WireStructure>(_ elements: inout [Element]?, _ name: StaticString, nullable: Bool) {
        elements = nullable && oneInThree() ? nil : (0..<count()).map { _ in element() }
    }
    mutating func structure<Structure: WireStructure>(_ value: inout Structure?, _ name: StaticString) { value = element() }

    mutating func beginTags() {}
    mutating func tag(_ number: UInt32, isPresent: Bool) -> Bool { isFlexible && .random(using: &generator) }
    mutating func endTags() {}
    mutating func noTags() {}

    private mutating func element<Element: WireStructure>() -> Element {
        var element = Element()
        depth += 1
        Element.layout(&element, by: &self, version: version)
        depth -= 1
        return element
    }

    private mutating func oneInThree() -> Bool { Int.random(in: 0..<3, using: &generator) == 0 }
    private mutating func count() -> Int { .random(in: 0...(depth < 2 ? 3 : 2), using: &generator) }
    private mutating func text() -> String {
        let words = ["", "a", "phường-7", "permits.issued", String(repeating: "x", count: 130)]
        return words[Int.random(in: 0..<words.count, using: &generator)]
    }
    private mutating func blob() -> [UInt8] {
        let length = [0, 1, 5, 127, 128, 300][Int.random(in: 0..<6, using: &generator)]
        return (0..<length).map { _ in .random(in: 0...255, using: &generator) }
    }
}
