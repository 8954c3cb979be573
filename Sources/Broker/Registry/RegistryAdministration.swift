import AccessPolicy
import Logging
import MessageSchema
import Storage

/// What people and programs ask of the schema registry: the one door of its HTTP API. Verdicts are those of Confluent's Schema
/// Registry API where its documentation has one.
///
/// Reading goes to the snapshot. Every change goes one way, in turn with topics and agreements (``ChangeOrder``): judged against
/// the snapshot as it is then, written to the audit, made durable in the metadata (the commit point), and put in force by the next
/// snapshot. Who may do what is ``SubjectRights``'.
public struct RegistryAdministration: Sendable {
    let services: BrokerServices

    public init(_ services: BrokerServices) { self.services = services }

    var registry: SchemaRegistry { services.registry.value }

    // MARK: Rights

    /// A refusal is audited.
    func mustAdminister(_ subject: String, _ peer: Peer) throws(RegistryRefusal) {
        // What the broker itself registers: a projection's schema is named by records that subscribers have.
        guard ProjectedSubject.source(of: subject) == nil else { throw .notAllowed(subject) }
        let (question, isAllowed) = SubjectRights(services, peer).administering(subject)
        guard !isAllowed else { return }
        _ = services.decide(question, for: peer)
        throw .notAllowed(subject)
    }

    func mustAdministerRegistry(_ peer: Peer) throws(RegistryRefusal) {
        guard services.decide(.administerCluster, for: peer).isAllowed else { throw .operatorsOnly }
    }

    /// A refusal is audited.
    func mustShow(_ subject: String, to peer: Peer) throws(RegistryRefusal) {
        var rights = SubjectRights(services, peer)
        guard !rights.shows(subject) else { return }
        _ = services.decide(rights.describing(subject), for: peer)
        throw .notShown(subject)
    }

    // MARK: Changes

    /// Judges, audits, stores and installs a change, after all that were asked before it.
    func change<Value: Sendable>(
        _ judge: @escaping @Sendable (SchemaRegistry) throws(RegistryRefusal) -> PlannedChange<Value>, by peer: Peer
    ) async throws(RegistryRefusal) -> Value {
        let result: Result<Value, RegistryRefusal> = await services.changes.inTurn {
            do throws(RegistryRefusal) {
                let registry = self.registry
                let planned = try judge(registry)
                if !planned.change.isEmpty { try await self.commit([planned], after: registry, by: peer) }
                return .success(planned.value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Each change is an event of the audit; all together are one transaction.
    func commit<Value: Sendable>(
        _ changes: [PlannedChange<Value>], after registry: SchemaRegistry, by peer: Peer
    ) async throws(RegistryRefusal) {
        var whole = RegistryChange()
        var next = registry
        for planned in changes {
            whole.append(planned.change)
            next = next.applying(planned.change, programs: planned.programs)
        }
        do throws(StorageError) {
            for planned in changes { try await services.audit.willChange(planned.audited(by: peer)) }
        } catch {
            throw .cannotBeAudited(error)
        }
        do throws(StorageError) {
            try await services.metadata.apply(.changeRegistry(whole))
        } catch {
            for planned in changes {
                services.log.error("\(planned.action) \(planned.object) failed: \(error)")
                try? await services.audit.willChange(planned.audited(by: peer, failedBecause: error.sentence))
            }
            throw RegistryRefusal(error)
        }
        services.install(registry: next)
    }
}

/// A change that passed every rule, with what its caller is told.
struct PlannedChange<Value: Sendable>: Sendable {
    /// For the audit: `schema.register` …
    var action: String
    var object: String
    var details: [String: String] = [:]
    /// Nothing where everything is as it was asked for.
    var change = RegistryChange()
    var programs: [Int32: CompiledSchema] = [:]
    var value: Value

    func audited(by peer: Peer) -> AuditedChange { AuditedChange(action: action, object: object, by: peer, details: details) }

    func audited(by peer: Peer, failedBecause why: String) -> AuditedChange {
        AuditedChange(action: "\(action).failed", object: object, by: peer, details: ["why": why])
    }
}

extension SchemaRegistry {
    func mode(of subject: String) -> RegistryMode {
        let global = globalMode
        // The override is what it is for: it holds whatever subjects say.
        if global == .readOnlyOverride { return global }
        return subjects[subject]?.record.settings.mode.flatMap(RegistryMode.init) ?? global
    }

    var globalMode: RegistryMode { settings.mode.flatMap(RegistryMode.init) ?? .readWrite }

    func level(of subject: String) -> CompatibilityLevel {
        subjects[subject]?.record.settings.compatibility.flatMap(CompatibilityLevel.init) ?? globalLevel
    }

    var globalLevel: CompatibilityLevel { settings.compatibility.flatMap(CompatibilityLevel.init) ?? .backward }

    func normalizes(_ subject: String) -> Bool {
        subjects[subject]?.record.settings.normalizes ?? settings.normalizes ?? false
    }

    func mustTakeChanges(_ subject: String) throws(RegistryRefusal) {
        switch mode(of: subject) {
        case .readWrite, .import: return
        case .readOnly, .readOnlyOverride: throw .notPermitted("subject “\(subject)” is in read-only mode")
        }
    }
}
