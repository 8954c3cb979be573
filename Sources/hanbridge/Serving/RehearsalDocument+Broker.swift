import AccessPolicy
import Broker
import Listeners

extension RehearsalDocument {
    init(_ rehearsal: Rehearsal) {
        self.init(
            version: rehearsal.version, since: rehearsal.since, cut: rehearsal.isCut, accesses: rehearsal.accessCount,
            effects: rehearsal.effects.map(Effect.init), unused: rehearsal.unused)
    }
}

extension RehearsalDocument.Effect {
    init(_ effect: RehearsedEffect) {
        self.init(
            kind: "", nodes: effect.nodes, count: effect.count, example: effect.example, topic: effect.topic,
            right: effect.isReplay ? "replay" : "subscribe", purpose: effect.purpose, before: effect.before, after: effect.after)
        switch effect.kind {
        case .gains: kind = "gains"
        case .loses(let refusal):
            kind = "loses"
            reason = refusal.word
        case .sees(let difference):
            kind = "sees"
            fields = difference.fields.map { .init(name: $0.name, before: $0.before.word, after: $0.after.word) }
            rowsBefore = difference.rows?.before
            rowsAfter = difference.rows?.after
        }
    }
}

extension ScopeDifference.Sight {
    fileprivate var word: String {
        switch self {
        case .hidden: "hidden"
        case .clear: "clear"
        case .masked(let mask): mask.rawValue
        }
    }
}
