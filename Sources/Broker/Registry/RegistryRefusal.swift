public import MessageSchema
import Storage

/// Why the registry did not do what was asked, in the numbers of Confluent's Schema Registry API, which programs compare, and a
/// sentence of ours.
public struct RegistryRefusal: Error, Hashable, Sendable {
    /// `error_code`
    public let code: Int
    public let sentence: String

    public init(_ code: Int, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    /// The HTTP status: the first three digits of the code.
    public var status: Int { code < 1000 ? code : code / 100 }
}

extension RegistryRefusal {
    // Who asks

    static func notAllowed(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(
            40301, "schemas of subject “\(subject)” are changed by stewards of the agency that owns it, by operators, and by those who may administer its topic")
    }
    static func notShown(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(40301, "subject “\(subject)” is for those who may describe its topic, and for the agency that owns it")
    }
    static func schemaNotShown(_ id: Int32) -> RegistryRefusal {
        RegistryRefusal(40301, "schema \(id) is for those who may describe a topic that it belongs to")
    }
    static let operatorsOnly = RegistryRefusal(40301, "this needs the role operator")

    // What is not there

    static func subjectNotFound(_ subject: String) -> RegistryRefusal { RegistryRefusal(40401, "there is no subject “\(subject)”") }
    static func versionNotFound(_ version: String) -> RegistryRefusal { RegistryRefusal(40402, "the subject has no version \(version)") }
    static let schemaNotFound = RegistryRefusal(40403, "the subject has no such schema")
    static func schemaNotFound(_ id: Int32) -> RegistryRefusal { RegistryRefusal(40403, "there is no schema \(id)") }
    static func subjectDeleted(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(40404, "subject “\(subject)” was deleted softly; permanent=true deletes it for good")
    }
    static func subjectNotDeleted(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(40405, "subject “\(subject)” is in use; delete it without permanent=true first")
    }
    static func versionDeleted(_ name: SubjectVersionName) -> RegistryRefusal {
        RegistryRefusal(40406, "version \(name.version) of subject “\(name.subject)” was deleted softly; permanent=true deletes it for good")
    }
    static func versionNotDeleted(_ name: SubjectVersionName) -> RegistryRefusal {
        RegistryRefusal(40407, "version \(name.version) of subject “\(name.subject)” is in use; delete it without permanent=true first")
    }
    static func levelNotConfigured(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(40408, "subject “\(subject)” has no compatibility level of its own; defaultToGlobal=true answers the one that holds")
    }
    static func modeNotConfigured(_ subject: String) -> RegistryRefusal {
        RegistryRefusal(40409, "subject “\(subject)” has no mode of its own; defaultToGlobal=true answers the one that holds")
    }

    // What is wrong with it

    static func incompatible(_ subject: String, _ level: CompatibilityLevel, _ found: [Incompatibility]) -> RegistryRefusal {
        let reasons = found.prefix(incompatibilitiesTold).map(\.told).joined(separator: ", ")
        return RegistryRefusal(409, "the schema is not compatible (\(level.rawValue)) with an earlier version of subject “\(subject)”: [\(reasons)]")
    }
    static func invalidSchema(_ why: String) -> RegistryRefusal { RegistryRefusal(42201, "the schema is not valid: \(why)") }
    public static let unknownType = RegistryRefusal(
        42201, "schemaType is one of \(SchemaFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    static func invalidVersion(_ text: String) -> RegistryRefusal {
        RegistryRefusal(42202, "“\(text.cut(to: 64))” is not a version: it is a number from 1 to 2147483647, or “latest”")
    }
    public static let invalidLevel = RegistryRefusal(
        42203, "a compatibility level is one of \(CompatibilityLevel.allCases.map(\.rawValue).joined(separator: ", "))")
    public static let invalidMode = RegistryRefusal(42204, "a mode is one of \(RegistryMode.allCases.map(\.rawValue).joined(separator: ", "))")
    static func notPermitted(_ why: String) -> RegistryRefusal { RegistryRefusal(42205, why) }
    static func referenced(_ name: SubjectVersionName, by ids: [Int32]) -> RegistryRefusal {
        let list = ids.prefix(10).map(String.init).joined(separator: ", ")
        return RegistryRefusal(42206, "\(name) is referred to by schema \(list); delete what refers to it first")
    }
    static func invalidSubject(_ why: String) -> RegistryRefusal { RegistryRefusal(42208, why) }
    static func tooLarge(_ why: String) -> RegistryRefusal { RegistryRefusal(42209, why) }

    // What the broker cannot do just now

    init(_ error: StorageError) { self.init(50001, error.sentence) }
    static func cannotBeAudited(_ error: StorageError) -> RegistryRefusal {
        RegistryRefusal(50001, "nothing was changed, because the change cannot be audited: \(error.sentence)")
    }

    /// Reasons that a refusal tells; there may be more.
    static let incompatibilitiesTold = 20
}

extension Incompatibility {
    /// In the shape in which programs that read the messages of Confluent's registry expect it.
    public var told: String { "{errorType:'\(rule)', description:'\(message)', additionalInfo:'\(path)'}" }
}
