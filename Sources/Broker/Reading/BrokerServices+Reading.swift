import AccessPolicy
import Logging
import MessageSchema
import NIOCore
import Storage

extension BrokerServices {
    /// Makes a part of a restriction that a record asked for: compiles its projections, and registers the schemas that they write under. In a task
    /// of the control plane, once however many ask.
    ///
    /// The making itself has no limit: it waits for the audit and the disk. Those who wait for it have (``ReadingLimits/makingMilliseconds``).
    func make(_ making: Projections.Making, of restriction: Restriction, for waiter: MakingWaiter) {
        guard projections.begin(making, waiter) else { return }
        Task { [self] in
            do throws(StorageError) {
                try await make(making.part, of: restriction)
                projections.end(making, .success(()))
            } catch {
                log.error("records of \(restriction.topicName) cannot be masked now: \(error)")
                projections.end(making, .failure(error))
            }
        }
    }

    private func make(_ part: RestrictionPart, of restriction: Restriction) async throws(StorageError) {
        let secret = try await maskSecret()
        if restriction.hashes == nil { restriction.hashes = KeyHashes(secret, agreements: restriction.views.map(\.agreement)) }
        let (id, rules, subject): (Int32, [FieldRules?], String?)
        switch part {
        case .secret: return
        case .value(let schema): (id, rules, subject) = (schema, restriction.views.map(\.valueRules), restriction.terms.valueSubject)
        case .key(let schema):
            let ofKeys = restriction.keyRules.map { rule -> FieldRules? in if case .fields(let rules) = rule { rules } else { nil } }
            (id, rules, subject) = (schema, ofKeys, restriction.terms.keySubject)
        }
        let registry = registry.value
        guard let schema = registry.compiled(id: id), let subject else { preconditionFailure("schema \(id) was asked for and is not there") }
        let latest = registry.latest(subject: subject)
        var forms: [SchemaProgram.Form] = []
        for (view, rules) in zip(restriction.views, rules) {
            guard let rules else {
                forms.append(.impossible("the agreement says nothing of it", conditions: nil))
                continue
            }
            let hashKey = restriction.hashes?.hashKey(of: view.agreement)
            forms.append(try await form(rules, of: schema, beside: latest, subject, hashKey, isFramed: restriction.terms.framing == .confluent))
        }
        for (view, form) in zip(restriction.views, forms) {
            switch form {
            case .whole, .rows, .projected: break
            case .hidden: log.notice("records of schema \(id) on topic \(restriction.topicName) are not shown under \(view.citation): it lacks a field of `where`")
            case .impossible(let why, _): log.warning("records of schema \(id) on topic \(restriction.topicName) are withheld under \(view.citation): \(why)")
            }
        }
        restriction.put(SchemaProgram(forms: forms, latest: latest?.id), of: part)
    }

    /// How one view shows documents of a schema.
    private func form(
        _ rules: FieldRules, of schema: RegisteredSchema, beside latest: RegisteredSchema?, _ subject: String, _ hashKey: HashKey?, isFramed: Bool
    ) async throws(StorageError) -> SchemaProgram.Form {
        guard !rules.isEmpty else { return .whole }
        guard let compiled = schema.compiled else { return .impossible(schema.refusal ?? "the schema cannot be used", conditions: nil) }
        var conditions: Projection?
        if !rules.conditions.isEmpty {
            do throws(ProjectionError) {
                conditions = try Projection(FieldRules(conditions: rules.conditions), of: compiled)
            } catch {
                return error.problems.contains(where: \.isMissing) ? .hidden : .impossible("\(error)", conditions: nil)
            }
        }
        if let conditions, rules.allow == nil, rules.masks.isEmpty { return .rows(conditions) }
        let projection: Projection
        do throws(ProjectionError) {
            projection = try Projection(fitting: rules, to: compiled, latest: latest?.compiled, hashKey: hashKey)
        } catch {
            return .impossible("\(error)", conditions: conditions)
        }
        // A bare document names no schema.
        guard isFramed, let derived = projection.derivedSchema else { return .projected(projection, schemaID: schema.id) }
        switch try await RegistryAdministration(self).derive(derived, from: schema, of: subject) {
        case .registered(let id): return .projected(projection, schemaID: id)
        case .invalid(let why): return .impossible("its schema cannot be registered: \(why)", conditions: conditions)
        }
    }

    /// The secret out of which masks make their keys: made at first use, kept in the metadata, and so in every backup.
    private func maskSecret() async throws(StorageError) -> [UInt8] {
        if let known = projections.secret { return known }
        var random = SystemRandomNumberGenerator()
        let fresh = (0..<KeyHashes.secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let kept = try await metadata.secret(named: "mask", orKeeping: fresh)
        projections.secret = kept
        return kept
    }
}

extension Projection {
    /// By rules that fit the subject's latest schema: what an older version does not have there is nothing to mask or show.
    /// - Throws: where the rules fit neither.
    init(fitting rules: FieldRules, to schema: CompiledSchema, latest: CompiledSchema?, hashKey: HashKey?) throws(ProjectionError) {
        do throws(ProjectionError) {
            self = try Projection(rules, of: schema, hashKey: hashKey)
        } catch {
            let missing = Set(error.problems.filter(\.isMissing).map(\.path))
            guard !missing.isEmpty, let latest, (try? Projection(rules, of: latest, hashKey: hashKey)) != nil else { throw error }
            var fitting = rules
            fitting.mayLack = missing
            self = try Projection(fitting, of: schema, hashKey: hashKey)
        }
    }
}
