import Foundation
import MessageSchema
import NIOCore
import RecordText

/// Makes of a topic's values what people and programs read: JSON, without the frame.
actor RecordDecoder {
    /// A value as it is shown.
    enum Shown: Sendable, Equatable {
        /// A JSON document.
        case document([UInt8])
        /// Bytes that nothing is known about.
        case bytes([UInt8])
    }

    private let typing: TopicTyping
    private let registry: RegistryReader?
    private var known: [Int32: RegistrySchema] = [:]
    private var current: RegistrySchema?
    /// Schemas that could not be had, and when to ask again.
    private var missing: [Int32: ContinuousClock.Instant] = [:]

    private static let schemasMax = 1_000
    private static let askAgain = Duration.seconds(10)
    /// Stands for the schema of unframed values among the missing.
    private static let latest: Int32 = -1

    init(_ typing: TopicTyping, _ registry: RegistryReader?) {
        self.typing = typing
        self.registry = registry
    }

    /// - Returns: the value without its frame, and the id that the frame had.
    func value(_ payload: ByteBuffer) async -> (shown: Shown, schemaID: Int32?) {
        guard typing.valueSubject != nil else { return (Self.asItIs(payload), nil) }
        switch typing.framing {
        case .plain:
            // The schema first: bytes of another format may look like JSON.
            if case .document(let document) = Self.shown(payload, await latest(), .plain) { return (.document(document), nil) }
            return (Self.asItIs(payload), nil)
        case .confluent:
            guard let id = Frame.id(of: payload) else { return (Self.asItIs(payload), nil) }
            var document = payload
            document.moveReaderIndex(forwardBy: Frame.bytes)
            return (Self.shown(document, await schema(id), .confluent), id)
        }
    }

    /// A key without its frame.
    func key(_ payload: ByteBuffer) async -> ByteBuffer {
        guard typing.keySubject != nil, typing.framing == .confluent, let id = Frame.id(of: payload) else { return payload }
        var document = payload
        document.moveReaderIndex(forwardBy: Frame.bytes)
        guard case .document(let bytes) = Self.shown(document, await schema(id), .confluent) else { return document }
        return ByteBuffer(bytes: bytes)
    }

    /// In its schema's format, else what it looks like.
    private static func shown(_ payload: ByteBuffer, _ schema: RegistrySchema?, _ framing: PayloadFraming) -> Shown {
        guard let schema else { return asItIs(payload) }
        let bytes = Array(payload.readableBytesView)
        do throws(Violation) {
            return .document(try schema.compiled.json(of: bytes, framing: framing))
        } catch {
            return .bytes(bytes)
        }
    }

    private static func asItIs(_ payload: ByteBuffer) -> Shown {
        let bytes = Array(payload.readableBytesView)
        return JSONScanner.isDocument(bytes) ? .document(bytes) : .bytes(bytes)
    }

    private func schema(_ id: Int32) async -> RegistrySchema? {
        if let schema = known[id] { return schema }
        guard let schema = await ask(id, { registry in try await registry.schema(id: id) }) else { return nil }
        if known.count >= Self.schemasMax { known.removeAll() }
        known[id] = schema
        return schema
    }

    private func latest() async -> RegistrySchema? {
        if let current { return current }
        guard let subject = typing.valueSubject else { return nil }
        current = await ask(Self.latest) { [version = typing.version] registry in try await registry.schema(of: subject, version: version) }
        return current
    }

    /// What cannot be had now, or may not be read, is not asked for with every record.
    private func ask(_ id: Int32, _ body: (RegistryReader) async throws -> RegistrySchema) async -> RegistrySchema? {
        guard let registry else { return nil }
        if let again = missing[id], ContinuousClock.now < again { return nil }
        do {
            let schema = try await body(registry)
            missing[id] = nil
            return schema
        } catch {
            if missing.count >= Self.schemasMax { missing.removeAll() }
            missing[id] = .now + Self.askAgain
            return nil
        }
    }
}
