// Agreements on the command line.
extension Sentence {
    public static func noAgreementFiles(_ directory: String) -> Sentence {
        Sentence(vi: "Không có tệp .yaml nào trong \(directory).", en: "There is no .yaml file in \(directory).")
    }

    public static func fileNamedTwice(_ name: String) -> Sentence {
        Sentence(vi: "Có hai tệp cùng tên \(name).", en: "Two files are named \(name).")
    }

    public static func agreementsInvalid(_ count: Int) -> Sentence {
        Sentence(vi: "Có \(count) lỗi; bộ thỏa thuận không được chấp nhận.", en: "\(count) mistakes; the agreements are not accepted.")
    }

    public static func agreementsValid(_ count: Int) -> Sentence {
        Sentence(vi: "Hợp lệ: \(count) thỏa thuận.", en: "Valid: \(count) agreements.")
    }

    public static func agreementsApplied(_ count: Int, version: String) -> Sentence {
        Sentence(
            vi: "Đã áp dụng \(count) thỏa thuận (phiên bản \(version)).", en: "\(count) agreements are in force (version \(version)).")
    }

    /// In words; what is not known here stays as it is.
    public static func standing(_ word: String) -> Sentence {
        switch word {
        case "inForce": Sentence(vi: "đang có hiệu lực", en: "in force")
        case "pending": Sentence(vi: "chưa có hiệu lực", en: "not yet in force")
        case "ended": Sentence(vi: "đã hết hiệu lực", en: "ended")
        default: .verbatim(word)
        }
    }

    public static let columnAgreement = Sentence(vi: "THỎA THUẬN", en: "AGREEMENT")
    public static let columnOwner = Sentence(vi: "CHỦ QUẢN", en: "OWNER")
    public static let columnFrom = Sentence(vi: "TỪ NGÀY", en: "FROM")
    public static let columnUntil = Sentence(vi: "ĐẾN NGÀY", en: "UNTIL")
    public static let columnVersion = Sentence(vi: "PHIÊN BẢN", en: "VERSION")
    public static let columnStanding = Sentence(vi: "HIỆU LỰC", en: "STANDING")
}
