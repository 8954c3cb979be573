import AccessPolicy
import MessageSchema
import Sentences

/// An agreement that somebody asks for, as the file that the stewards complete and sign. What only people can know is left empty, so that
/// a draft which nobody completed is refused by name.
struct AgreementDraft: Sendable {
    let id: String
    let topic: String
    let owners: [String]
    let stewards: [String]
    let node: String
    let rights: [Right]
    let purposes: [String]
    let fields: [String]
    let until: String?
    let tagged: [TaggedField]

    private var reads: Bool { rights.contains(.subscribe) || rights.contains(.replay) }

    func yaml(in language: Language) -> String {
        func comment(_ sentence: Sentence) -> String { "# \(sentence.text(in: language))\n" }
        var text = comment(.draftOf(topic))
        if !owners.isEmpty { text += comment(.whomToAsk(owners: owners, stewards: stewards)) }
        text += comment(.draftToComplete)
        text += "agreements:\n"
        text += "  - id: \(id)\n"
        text += "    topic: \(topic)\n"
        text += "    owner: \(owners.first ?? "")\n"
        text += "    parties:\n"
        text += "      - node: \(node)\n"
        text += "        may: [\(rights.map(\.rawValue).joined(separator: ", "))]\n"
        if reads {
            text += "        purpose: [\(purposes.joined(separator: ", "))]\n"
            text += restrictions(comment: { comment($0) })
        }
        text += "    legalBasis:\n"
        text += "    until: \(until ?? "")\n"
        text += "    signedBy: [\(stewards.joined(separator: ", "))]\n"
        return text
    }

    /// What is personal or sensitive is masked in the draft: whoever needs it plainly has to say so.
    private func restrictions(comment: (Sentence) -> String) -> String {
        let asked = Set(fields.map(Self.segments))
        let masked = tagged.filter { field in
            fields.isEmpty || asked.contains { Self.segments(field.path).starts(with: $0) }
        }
        var text = ""
        if !tagged.isEmpty { text += "        " + comment(.taggedFields(tagged.map { Self.dotted($0.path) })) }
        guard !fields.isEmpty || !masked.isEmpty else { return text }
        text += "        fields:\n"
        if !fields.isEmpty { text += "          allow: [\(fields.map(Self.quoted).joined(separator: ", "))]\n" }
        if !masked.isEmpty {
            text += "          mask: { \(masked.map { "\(Self.quoted(Self.dotted($0.path))): redact" }.joined(separator: ", ")) }\n"
        }
        return text
    }

    /// `/parents/*/citizenId` and `parents.citizenId` name the same field.
    private static func segments(_ path: String) -> [String] {
        path.split(separator: path.hasPrefix("/") ? "/" : ".").map(String.init).filter { $0 != "*" }
    }

    /// As agreements write it, unless a name holds a dot.
    private static func dotted(_ path: String) -> String {
        path.hasPrefix("/") && !path.contains(".") && !path.contains("~") ? String(path.dropFirst()).replacing("/", with: ".") : path
    }

    private static func quoted(_ name: String) -> String { JSONText.quoted(name) }
}
