/// The rules of one subscriber, compiled with one schema: it makes each published record into the one that may be seen. Immutable: any
/// thread may use it at any time.
///
/// Where the rules restrict fields, only what the schema names is shown: members that a JSON Schema does not name and fields that a `.proto`
/// does not have are dropped, and so is content that nobody describes (a JSON object without properties, `google.protobuf.Any` and
/// `Struct`) unless `allow` names it or what holds it. Where they restrict rows only, what is shown is the published record, byte for byte.
///
/// What is shown is checked against the schema it is said to have, record for record. What cannot be made into such a record is withheld.
public struct Projection: Sendable {
    /// The schema of what is shown; nil where that is the published one, because no field is gone and every masked value is valid where it
    /// stands. Its text depends on schema and rules alone. JSON and Avro refer to no other text; `.proto` files to what they referred to.
    public var derivedSchema: SchemaSource? { derived?.source }
    /// The paths of masks that put something in the place of a value, in order.
    public let maskedFields: [String]
    /// The paths of the mask `drop`, and of content that is dropped because nobody describes it, in order. What an `allow` list leaves out is not told.
    public let droppedFields: [String]
    /// Fields with `x-personal` or `x-sensitivity` that are shown as they were published.
    public let exposedTaggedFields: [TaggedField]

    private enum Projector: Sendable {
        case json(JSONProjector)
        case avro(AvroProjector)
        case protobuf(ProtobufProjector)
    }

    private let projector: Projector
    private let published: CompiledSchema
    private let derived: CompiledSchema?
    private let restrictsFields: Bool
    private let hasConditions: Bool

    /// - Parameter hashKey: of the mask `hash`.
    /// - Throws: with all that is wrong: paths that the schema does not have, masks that a field's type cannot carry, schemas that cannot be projected.
    public init(_ rules: FieldRules, of schema: CompiledSchema, hashKey: HashKey? = nil) throws(ProjectionError) {
        let set = try RuleSet(rules, hashKey: hashKey)
        var undescribed: [String] = []
        let text: String?
        if let program = schema.program as? JSONSchemaProgram {
            let (plan, dropped) = try JSONPlanBuilder.build(program.code, set)
            undescribed = dropped
            projector = .json(JSONProjector(plan, program.code, set))
            text = rules.restrictsFields ? try JSONDerivedSchema.text(plan, program.code, program.library, program.locations) : nil
        } else if let program = schema.program as? AvroProgram {
            let plan = try AvroPlanBuilder.build(program.schema, set)
            projector = .avro(AvroProjector(plan, set))
            text = rules.restrictsFields ? AvroDerivedSchema.text(plan, program.schema) : nil
        } else if let program = schema.program as? ProtobufProgram {
            let result = try ProtobufPlanBuilder.build(program, set)
            undescribed = result.undescribed
            projector = .protobuf(ProtobufProjector(result.plan, program.wire, set))
            text = rules.restrictsFields ? try ProtobufDerivedSchema.text(result.plan, program) : nil
        } else {
            preconditionFailure("a schema has one of three formats")
        }
        published = schema
        derived = try text.map { text throws(ProjectionError) in try Self.compile(text, like: schema) }
        restrictsFields = rules.restrictsFields
        hasConditions = !rules.conditions.isEmpty
        maskedFields = rules.masks.filter { $0.value != .drop }.keys.sorted()
        droppedFields = (rules.masks.filter { $0.value == .drop }.keys + undescribed).sorted()
        exposedTaggedFields = schema.taggedFields.filter { set.shows($0) }
    }

    private static func compile(_ text: String, like schema: CompiledSchema) throws(ProjectionError) -> CompiledSchema {
        let references = schema.source.format == .protobuf ? schema.source.references : []
        do throws(SchemaError) {
            return try CompiledSchema(
                compiling: SchemaSource(format: schema.source.format, text: text, references: references), options: schema.options
            ) { schema.listsByName[$0] }
        } catch {
            throw ProjectionError("no schema can be derived for what would be shown: \(error.description)")
        }
    }

    /// Writes what may be seen of one record's value or key behind what `output` holds. Nothing is allocated but what `output` grows by.
    /// - Parameters:
    ///   - payload: as for `CompiledSchema.violations`: without the registry's magic byte and id.
    ///   - output: as it was where the verdict is not `visible`.
    public func apply(
        _ payload: UnsafeRawBufferPointer, framing: PayloadFraming = .plain, into output: inout ProjectionBuffer
    ) -> ProjectionVerdict {
        let start = output.count
        var verdict = run(payload, framing, writes: true, into: &output)
        if verdict == .visible, restrictsFields, !isValid(output.tail(from: start), framing) { verdict = .withheld(.invalid) }
        if verdict != .visible { output.truncate(to: start) }
        return verdict
    }

    /// Whether a record is one of the rows, without writing anything: `visible`, `hidden`, or `withheld` where that cannot be told.
    /// - Parameter output: lends memory.
    public func rows(
        _ payload: UnsafeRawBufferPointer, framing: PayloadFraming = .plain, scratch output: inout ProjectionBuffer
    ) -> ProjectionVerdict {
        guard hasConditions else { return .visible }
        let start = output.count
        let verdict = run(payload, framing, writes: false, into: &output)
        output.truncate(to: start)
        return verdict
    }

    private func run(
        _ payload: UnsafeRawBufferPointer, _ framing: PayloadFraming, writes: Bool, into output: inout ProjectionBuffer
    ) -> ProjectionVerdict {
        switch projector {
        case .json(let projector): projector.project(payload, writes: writes, into: &output)
        case .avro(let projector): projector.project(payload, writes: writes, into: &output)
        case .protobuf(let projector): projector.project(payload, framing: framing, writes: writes, into: &output)
        }
    }

    private func isValid(_ payload: UnsafeRawBufferPointer, _ framing: PayloadFraming) -> Bool {
        (derived ?? published).violations(in: payload, framing: framing, violationsMax: 1).isEmpty
    }
}

extension RuleSet {
    /// Whether a tagged field, or something in it, is shown as it was published.
    fileprivate func shows(_ field: TaggedField) -> Bool {
        guard let path = try? FieldPath(field.path.isEmpty ? "/" : field.path) else { return true }
        var state = start
        for name in field.path.isEmpty ? [] : path.names {
            guard state.mask != .drop else { return false }
            state = name == FieldPath.any ? element(of: state) : self.field(name, of: state)
        }
        return state.mask == nil && showsSome(inside: state)
    }
}
