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

    public static func purposeNeeded(_ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Thỏa thuận cho bạn đọc \(topic) với nhiều mục đích nên phải khai báo một mục đích: \(list). Hãy thêm --purpose, hoặc ghi “purpose” vào hồ sơ.",
            en: "Your agreements let you read \(topic) for several purposes, so one must be declared: \(list). Add --purpose, or “purpose” to the profile.")
    }

    public static func purposeHeaderNeeded(_ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Thỏa thuận cho bạn đọc \(topic) với nhiều mục đích nên phải khai báo một mục đích trong Hanbridge-Purpose: \(list).",
            en: "Your agreements let you read \(topic) for several purposes, so one must be declared in Hanbridge-Purpose: \(list).")
    }

    public static func purposeHeaderUnreadable(purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Hanbridge-Purpose phải là một mã mục đích gồm a-z, 0-9 và '-'. Các mục đích được phép: \(list).",
            en: "Hanbridge-Purpose must be one purpose's id, of a-z, 0-9 and '-'. The purposes that you may declare: \(list).")
    }

    public static func purposeNotAgreed(_ purpose: String, _ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Không có thỏa thuận đang có hiệu lực nào cho bạn đọc \(topic) với mục đích “\(purpose)”. Các mục đích được phép: \(list).",
            en: "No agreement in force lets you read \(topic) for “\(purpose)”. The purposes that you may declare: \(list).")
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
