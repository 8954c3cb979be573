// Property escapes, `\p{…}`, by the Unicode tables of Swift's standard library. It has no table of scripts, so those are refused.

extension ScalarSet {
    /// - Parameter expression: what stands between the braces: `L`, `Letter`, `gc=Lu`, `General_Category=Uppercase_Letter`, `Alphabetic`.
    /// - Returns: nil for a property that is not known here.
    init?(property expression: String) {
        let parts = expression.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.count, parts[0]) {
        case (2, "gc"), (2, "General_Category"):
            guard let categories = Self.categories(named: parts[1]) else { return nil }
            self = Self.scalars(of: categories)
        case (1, "ASCII"):
            self.init([0...0x7F])
        case (1, let name):
            if let categories = Self.categories(named: name) {
                self = Self.scalars(of: categories)
            } else if let scalars = Self.scalars(havingProperty: name) {
                self = scalars
            } else {
                return nil
            }
        default:
            return nil
        }
    }

    private static func scalars(of categories: [Unicode.GeneralCategory]) -> ScalarSet {
        ScalarSet(categories.flatMap { rangesByCategory[$0] ?? [] })
    }

    /// One pass over all scalars, on first use: some tens of milliseconds, and only where a pattern has a property.
    private static let rangesByCategory: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = {
        var result: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = [:]
        var start: UInt32 = 0
        var current = category(0)
        for value in 1...(lastScalar + 1) {
            let next = value <= lastScalar ? category(value) : nil
            guard next != current else { continue }
            if let current { result[current, default: []].append(start...(value - 1)) }
            (start, current) = (value, next)
        }
        return result
    }()

    /// - Returns: nil for a surrogate, which no text holds.
    private static func category(_ value: UInt32) -> Unicode.GeneralCategory? { Unicode.Scalar(value)?.properties.generalCategory }

    private static func scalars(havingProperty name: String) -> ScalarSet? {
        guard let has = binaryProperty(name) else { return nil }
        var result: [ClosedRange<UInt32>] = []
        var start: UInt32?
        for value in 0...(lastScalar + 1) {
            let isIn = value <= lastScalar && (Unicode.Scalar(value).map { has($0.properties) } ?? false)
            if isIn, start == nil { start = value }
            if !isIn, let first = start {
                result.append(first...(value - 1))
                start = nil
            }
        }
        return ScalarSet(result)
    }

    /// ECMA-262, table 67, as far as the standard library knows them.
    private static func binaryProperty(_ name: String) -> ((Unicode.Scalar.Properties) -> Bool)? {
        switch name {
        case "Any": { _ in true }
        case "Assigned": { $0.generalCategory != .unassigned }
        case "Alphabetic", "Alpha": { $0.isAlphabetic }
        case "Lowercase", "Lower": { $0.isLowercase }
        case "Uppercase", "Upper": { $0.isUppercase }
        case "White_Space", "space": { $0.isWhitespace }
        case "ID_Start", "IDS": { $0.isIDStart }
        case "ID_Continue", "IDC": { $0.isIDContinue }
        case "XID_Start", "XIDS": { $0.isXIDStart }
        case "XID_Continue", "XIDC": { $0.isXIDContinue }
        case "Ideographic", "Ideo": { $0.isIdeographic }
        case "Math": { $0.isMath }
        case "Dash": { $0.isDash }
        case "Diacritic", "Dia": { $0.isDiacritic }
        case "Hex_Digit", "Hex": { $0.isHexDigit }
        case "ASCII_Hex_Digit", "AHex": { $0.isASCIIHexDigit }
        case "Quotation_Mark", "QMark": { $0.isQuotationMark }
        case "Noncharacter_Code_Point", "NChar": { $0.isNoncharacterCodePoint }
        case "Emoji": { $0.isEmoji }
        case "Emoji_Presentation", "EPres": { $0.isEmojiPresentation }
        default: nil
        }
    }

    /// UAX #44, table 12, with ECMA-262's long names.
    private static func categories(named name: String) -> [Unicode.GeneralCategory]? {
        switch name {
        case "L", "Letter": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
        case "LC", "Cased_Letter": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]
        case "Lu", "Uppercase_Letter": [.uppercaseLetter]
        case "Ll", "Lowercase_Letter": [.lowercaseLetter]
        case "Lt", "Titlecase_Letter": [.titlecaseLetter]
        case "Lm", "Modifier_Letter": [.modifierLetter]
        case "Lo", "Other_Letter": [.otherLetter]
        case "M", "Mark", "Combining_Mark": [.nonspacingMark, .spacingMark, .enclosingMark]
        case "Mn", "Nonspacing_Mark": [.nonspacingMark]
        case "Mc", "Spacing_Mark": [.spacingMark]
        case "Me", "Enclosing_Mark": [.enclosingMark]
        case "N", "Number": [.decimalNumber, .letterNumber, .otherNumber]
        case "Nd", "Decimal_Number", "digit": [.decimalNumber]
        case "Nl", "Letter_Number": [.letterNumber]
        case "No", "Other_Number": [.otherNumber]
        case "P", "Punctuation", "punct":
            [
                .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation,
            ]
        case "Pc", "Connector_Punctuation": [.connectorPunctuation]
        case "Pd", "Dash_Punctuation": [.dashPunctuation]
        case "Ps", "Open_Punctuation": [.openPunctuation]
        case "Pe", "Close_Punctuation": [.closePunctuation]
        case "Pi", "Initial_Punctuation": [.initialPunctuation]
        case "Pf", "Final_Punctuation": [.finalPunctuation]
        case "Po", "Other_Punctuation": [.otherPunctuation]
        case "S", "Symbol": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]
        case "Sm", "Math_Symbol": [.mathSymbol]
        case "Sc", "Currency_Symbol": [.currencySymbol]
        case "Sk", "Modifier_Symbol": [.modifierSymbol]
        case "So", "Other_Symbol": [.otherSymbol]
        case "Z", "Separator": [.spaceSeparator, .lineSeparator, .paragraphSeparator]
        case "Zs", "Space_Separator": [.spaceSeparator]
        case "Zl", "Line_Separator": [.lineSeparator]
        case "Zp", "Paragraph_Separator": [.paragraphSeparator]
        case "C", "Other": [.control, .format, .privateUse, .unassigned]
        case "Cc", "Control", "cntrl": [.control]
        case "Cf", "Format": [.format]
        case "Co", "Private_Use": [.privateUse]
        case "Cn", "Unassigned": [.unassigned]
        default: nil
        }
    }
}
