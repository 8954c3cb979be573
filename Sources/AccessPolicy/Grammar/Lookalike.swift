/// Letters of other alphabets that look like those of ours, which names are made of: `heаlth` with a Cyrillic `а` is another agency
/// to a computer and the same one to whoever signs. Names are ASCII, so such a letter is a mistake anyway; this makes the sentence about it
/// say what the eye cannot see. After the confusables of Unicode TR 39, those that stand for a single ASCII letter or digit.
enum Lookalike {
    private static let letters: [Unicode.Scalar: Character] = {
        var letters: [Unicode.Scalar: Character] = [:]
        let pairs: [(String, String)] = [
            // Cyrillic
            ("авсԁеһіјкӏмոорԛѕтυхуԝ", "abcdehijklmnopqstuxyw"), ("АВСЕНІЈКМОРЅТХУЗ", "ABCEHIJKMOPSTXY3"),
            // Greek
            ("αορνυικεχ", "aopvuikex"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
            // Full width, as some keyboards write
            ("ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９．＿－", "abcdefghijklmnopqrstuvwxyz0123456789._-"),
            // Dashes and dots
            ("‐‑‒–—−․", "------."), ("ıſ", "is"),
        ]
        for (foreign, own) in pairs {
            for (scalar, letter) in zip(foreign.unicodeScalars, own) { letters[scalar] = letter }
        }
        return letters
    }()

    /// Characters that nobody sees: zero width, soft hyphen, marks of direction.
    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x180E, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// What the eye does not see in a text, for the end of a sentence about it; nil where there is nothing.
    static func warning(of text: String) -> String? {
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let code = String(scalar.value, radix: 16, uppercase: true)
            let number = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
            if isUnseen(scalar) { return "character \(index + 1) is the invisible \(number)" }
            if let letter = letters[scalar] { return "character \(index + 1) is \(number), which only looks like “\(letter)”" }
        }
        return nil
    }
}
