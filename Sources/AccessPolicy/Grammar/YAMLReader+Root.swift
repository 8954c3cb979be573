import Yams

extension YAMLReader {
    /// The tree of a file, before anything of it is understood.
    /// - Returns: nil for a file without a document.
    /// - Throws: for what is too long, is no YAML, is several documents, or could expand without end.
    static func root(of yaml: String, file: String, bytesMax: Int) throws(AgreementsError) -> Node? {
        func whole(_ message: String) -> AgreementsError {
            AgreementsError([AgreementsProblem(file: file, line: 0, column: 0, message: message)])
        }
        guard yaml.utf8.count <= bytesMax else {
            throw whole("has \(yaml.utf8.count) bytes; a file of this kind has at most \(bytesMax)")
        }
        guard !mayExpandAliases(yaml) else {
            throw whole("uses YAML anchors and aliases (&name, *name); write the words out, or quote the text they stand in")
        }
        do {
            return try Parser(yaml: yaml, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw AgreementsError([AgreementsProblem(yaml: error, file: file)])
        }
    }

    /// Aliases let a small file stand for an exponentially large tree, which the YAML parser would walk to compare mapping keys,
    /// before we see a node. So a text that could hold both an anchor and an alias is refused before it is parsed. Bytes above
    /// ASCII count as spaces: YAML has line breaks among them.
    private static func mayExpandAliases(_ yaml: String) -> Bool {
        var anchor = false
        var alias = false
        var previous = UInt8(ascii: "\n")
        var marker: UInt8 = 0
        for byte in yaml.utf8 {
            let isNameByte = byte > 0x20 && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "]") && byte != UInt8(ascii: "}")
            if marker == UInt8(ascii: "&") && isNameByte { anchor = true }
            if marker == UInt8(ascii: "*") && isNameByte { alias = true }
            let startsToken =
                previous <= 0x20 || previous >= 0x80
                || [UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "?")].contains(previous)
            marker = startsToken && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) ? byte : 0
            previous = byte
        }
        return anchor && alias
    }
}
