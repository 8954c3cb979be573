/// What a node reads for: an id of `[a-z0-9-]`, such as `enrolment-check`.
public enum Purpose {
    public static let idBytesMax = AgreementsLimits.purposeBytesMax

    public static func isID(_ text: some StringProtocol) -> Bool {
        (1...idBytesMax).contains(text.utf8.count) && text.utf8.allSatisfy(isIDByte)
    }

    static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// What a request says that its records are for. Part of the question, since one certificate may read for several purposes.
public enum PurposeDeclaration: Hashable, Sendable {
    case none
    case purpose(String)
    /// Something was declared that is no purpose's id, or two different ones: nothing that depends on a purpose is decided by it.
    case unreadable

    /// - Parameter header: every value of `Hanbridge-Purpose`.
    public init(header values: [String]) {
        self = values.dropFirst().allSatisfy { $0 == values.first } ? PurposeDeclaration(values.first) : .unreadable
    }

    /// - Parameter text: an id as a person says it; nil where nothing was said.
    public init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        self = Purpose.isID(text) ? .purpose(text) : .unreadable
    }

    /// `purpose=<id>;` anywhere in a Kafka client id, ended by `;` or the end.
    public init(clientID: String?) {
        guard let clientID else {
            self = .none
            return
        }
        var found = PurposeDeclaration.none
        var rest = clientID.utf8[...]
        while let place = Self.place(of: Self.marker, in: rest) {
            let said = rest[place...].dropFirst(Self.marker.count)
            let end = said.firstIndex(of: UInt8(ascii: ";")) ?? said.endIndex
            let declared = PurposeDeclaration(String(Substring(said[..<end])))
            guard found == .none || found == declared else {
                self = .unreadable
                return
            }
            found = declared
            rest = said[end...]
        }
        self = found
    }

    private static let marker = Array("purpose=".utf8)

    /// A client id is short and most have no `=`.
    private static func place(of marker: [UInt8], in text: Substring.UTF8View) -> String.Index? {
        var rest = text
        while let start = rest.firstIndex(of: marker[0]) {
            if rest[start...].starts(with: marker) { return start }
            rest = rest[start...].dropFirst()
        }
        return nil
    }
}

/// The purpose that a decision stands on.
public struct AgreedPurpose: Hashable, Sendable {
    public let id: String
    /// The node declared none, and all agreements that cover it here share this one.
    public let isImplied: Bool

    public init(id: String, isImplied: Bool) {
        self.id = id
        self.isImplied = isImplied
    }
}
