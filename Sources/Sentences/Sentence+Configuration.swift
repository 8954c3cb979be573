// What may be wrong with broker.yaml and other input of an operator.
extension Sentence {
    public static let configurationEmpty = Sentence(
        vi: "Tệp cấu hình trống. Lệnh “hanbridge init” tạo một tệp mẫu.",
        en: "The configuration is empty. “hanbridge init” writes one to begin with.")

    public static func notYAML(_ why: String) -> Sentence {
        Sentence(vi: "Tệp không đúng cú pháp YAML: \(why.vietnamese)", en: "This is not YAML: \(why)")
    }

    public static func unknownKey(_ key: String, known: [String]) -> Sentence {
        let list = known.joined(separator: ", ")
        return Sentence(
            vi: "Không có khóa “\(key)”. Các khóa được dùng ở đây: \(list).",
            en: "“\(key)” is not known. Known here: \(list).")
    }

    public static func keyMissing(_ key: String) -> Sentence {
        Sentence(vi: "Thiếu khóa “\(key)”.", en: "“\(key)” is missing.")
    }

    public static func wrongShape(_ key: String, expected: String) -> Sentence {
        Sentence(vi: "Giá trị của “\(key)” không đúng dạng (cần: \(expected.vietnamese)).", en: "The value of “\(key)” must be \(expected).")
    }

    public static func wrongValue(_ key: String, why: String) -> Sentence {
        Sentence(vi: "Giá trị của “\(key)” không đúng: \(why.vietnamese).", en: "The value of “\(key)” is not valid: \(why).")
    }

    public static func notOneOf(_ key: String, value: String, choices: [String]) -> Sentence {
        let list = choices.joined(separator: ", ")
        return Sentence(
            vi: "“\(key)” không thể là “\(value)”. Chọn một trong: \(list).",
            en: "“\(key)” cannot be “\(value)”. Choose one of: \(list).")
    }

    public static func healthNotLoopback(_ host: String) -> Sentence {
        Sentence(
            vi: "Cổng theo dõi không mã hóa nên chỉ được nghe trên 127.0.0.1 hoặc ::1, không phải \(host).",
            en: "The health listener has no TLS, so it listens on 127.0.0.1 or ::1 only, not on \(host).")
    }

    public static func mustNotBeNegative(_ name: String) -> Sentence {
        Sentence(vi: "\(name) không được là số âm.", en: "\(name) must not be negative.")
    }

    public static func languageUnknown(_ tag: String) -> Sentence {
        Sentence(vi: "không có ngôn ngữ “\(tag)”: hãy chọn vi hoặc en", en: "“\(tag)” is not spoken here: vi or en")
    }

    public static func outOfRange(_ name: String, lowest: Int, highest: Int) -> Sentence {
        Sentence(vi: "\(name) phải nằm trong khoảng từ \(lowest) đến \(highest).", en: "\(name) must be from \(lowest) to \(highest).")
    }
}
