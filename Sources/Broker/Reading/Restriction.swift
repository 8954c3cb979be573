import AccessPolicy
import KafkaWire
import MessageSchema
import NIOConcurrencyHelpers
import Storage

/// What restricted subscribers of one topic under the same views may see, compiled as far as its records asked for it. Shared by all
/// connections that read under it (``Projections``); void when the policy or the topic's schema settings change.
final class Restriction: Sendable {
    /// Two restrictions with equal terms are one.
    struct Terms: Hashable, Sendable {
        let topic: UUID128
        /// nil for an untyped topic.
        let valueSubject: String?
        /// nil where keys are not typed.
        let keySubject: String?
        let framing: PayloadFraming
        /// The topic names a quarantine, for what is withheld.
        let hasQuarantine: Bool
        let views: [AccessPolicy.RecordView]

        init(_ views: [AccessPolicy.RecordView], of topic: Topic) {
            self.topic = topic.id
            valueSubject = topic.configuration.valueSubject(ofTopic: topic.name)
            keySubject = topic.configuration.keySubject == "none" ? nil : topic.configuration.keySubject
            framing = topic.configuration.payloadFraming
            hasQuarantine = topic.configuration.quarantine != "none"
            self.views = views
        }
    }

    /// Never given twice in a run.
    let id: UInt64
    /// Which policy it was made under, counted by ``Projections``; nil for one that was no longer in force.
    let generation: UInt64?
    let terms: Terms
    let topicName: String
    /// One a view.
    let keyRules: [KeyRule]
    private let state = NIOLockedValueBox(State())

    private struct State {
        var programs: [RestrictionPart: SchemaProgram] = [:]
        var hashes: KeyHashes?
    }

    init(id: UInt64, generation: UInt64?, _ terms: Terms, topicName: String) {
        self.id = id
        self.generation = generation
        self.terms = terms
        self.topicName = topicName
        keyRules = terms.views.map(\.keyRule)
    }

    var views: [AccessPolicy.RecordView] { terms.views }

    /// Nothing of the topic can be shown: there is no schema by which a field could be found, or no view.
    var showsNothing: Bool { terms.valueSubject == nil || views.isEmpty }

    /// With the newest versions of its subjects: what is made under it holds as long as they are these, since a newer version may let rules fit
    /// an older one that they did not fit.
    struct Edition: Hashable, Sendable {
        let restriction: UInt64
        let generation: UInt64?
        let latestValue: Int32?
        let latestKey: Int32?

        fileprivate func latest(of part: RestrictionPart) -> Int32? {
            switch part {
            case .value: latestValue
            case .key: latestKey
            case .secret: nil
            }
        }
    }

    func edition(_ registry: SchemaRegistry) -> Edition {
        Edition(
            restriction: id, generation: generation, latestValue: terms.valueSubject.flatMap { registry.latest(subject: $0)?.id },
            latestKey: terms.keySubject.flatMap { registry.latest(subject: $0)?.id })
    }

    /// nil too for one that was made beside other versions.
    func program(of part: RestrictionPart, in edition: Edition) -> SchemaProgram? {
        state.withLockedValue { state in
            guard let program = state.programs[part], program.latest == edition.latest(of: part) else { return nil }
            return program
        }
    }

    func put(_ program: SchemaProgram, of part: RestrictionPart) { state.withLockedValue { $0.programs[part] = program } }

    /// The keys of hashes; nil until they were needed.
    var hashes: KeyHashes? {
        get { state.withLockedValue { $0.hashes } }
        set { state.withLockedValue { $0.hashes = newValue } }
    }
}

/// What of a restriction is made when a record first asks for it: a schema as values or as keys of the topic have it, or the secret of hashes.
enum RestrictionPart: Hashable, Sendable {
    case value(Int32)
    case key(Int32)
    case secret
}

/// How each view shows the documents of one schema.
struct SchemaProgram: Sendable {
    enum Form: Sendable {
        /// As they were published.
        case whole
        /// Those that meet the conditions, as they were published.
        case rows(Projection)
        /// Written again, under a schema that may have an id of its own.
        case projected(Projection, schemaID: Int32)
        /// None of them: a condition is on a field that the schema does not have, so that no document meets it.
        case hidden
        /// Those that meet the conditions are withheld, and all where no conditions can be looked at; why.
        case impossible(String, conditions: Projection?)
    }

    /// One a view, in their order.
    let forms: [Form]
    /// The newest version of the subject when it was made.
    let latest: Int32?
}
