// What `hanbridge audit trace` says of the delivery ledger.
extension Sentence {
    public static let readingLedger = Sentence(vi: "đọc sổ giao nhận", en: "reading the delivery ledger")

    /// - Parameter word: of JSON output.
    public static func certainty(_ word: String) -> Sentence {
        switch word {
        case "delivered": Sentence(vi: "đã giao", en: "delivered")
        case "possible": Sentence(vi: "có thể đã giao", en: "possibly delivered")
        case "reserved": Sentence(vi: "đang được giao", en: "may be on its way")
        default: .verbatim(word)
        }
    }

    public static let nothingDelivered = Sentence(vi: "Sổ giao nhận không ghi lần giao nào như vậy.", en: "The ledger tells of no such delivery.")

    public static func deliveriesMayBeMissing(from start: String, to end: String) -> Sentence {
        Sentence(
            vi: "Máy chủ bị ngắt đột ngột trong khoảng từ \(start) đến \(end): các lần giao trong giây cuối trước khi ngắt có thể không có trong sổ, trừ các chủ đề phải ghi sổ trước khi giao.",
            en: "The broker was cut off between \(start) and \(end): deliveries of the last second before that may be missing, except on topics that reserve them first.")
    }

    public static func ledgerEntriesUnreadable(_ count: Int) -> Sentence {
        Sentence(vi: "Có \(count) bút toán của sổ giao nhận không đọc được.", en: "\(count) entries of the ledger could not be read.")
    }

    public static func held(by caseID: String, _ topics: [String]) -> Sentence {
        topics.isEmpty
            ? Sentence(vi: "Vụ việc \(caseID) không còn niêm giữ chủ đề nào.", en: "Case \(caseID) holds no topic any more.")
            : Sentence(
                vi: "Vụ việc \(caseID) đang niêm giữ: \(topics.joined(separator: ", ")).", en: "Case \(caseID) holds: \(topics.joined(separator: ", ")).")
    }

    public static let pastRulesNeed = Sentence(
        vi: "Phát lại theo quy tắc của thời điểm đã qua cần vai trò auditor, một thỏa thuận đang có hiệu lực cho phát lại chủ đề, và một thời điểm đã qua.",
        en: "Replaying under the rules of a past time needs the role auditor, an agreement in force that lets you replay the topic, and a time that is past.")
    public static let pastRulesRefuse = Sentence(
        vi: "Theo quy tắc của thời điểm đó, nút này không được đọc chủ đề.", en: "By the rules of that time this node might not read the topic.")
    public static let othersRulesNeed = Sentence(
        vi: "Chỉ ai được đọc toàn bộ bản ghi mới xem được bản ghi như quy tắc cho một nút khác xem.",
        en: "Records are shown as rules show them to another node only to who may read them whole.")
    public static func othersRulesRefuse(_ node: String) -> Sentence {
        Sentence(
            vi: "Theo quy tắc, \(node) không được đọc chủ đề cho mục đích này.", en: "By the rules \(node) may not read the topic for this purpose.")
    }
    public static let pastRulesUnreadable = Sentence(
        vi: "Không đọc được phiên bản thỏa thuận có hiệu lực khi đó.", en: "The version of the agreements in force then cannot be read.")

    public static let readingAudit = Sentence(vi: "đọc nhật ký kiểm toán", en: "reading the audit")

    public static func prunedUnknown(_ why: String) -> Sentence {
        Sentence(
            vi: "Một phần bằng chứng không còn, và không đọc được _audit.access để biết căn cứ: \(why)",
            en: "Some of the evidence is gone, and _audit.access, which says why, cannot be read: \(why)")
    }

    public static let columnCase = Sentence(vi: "VỤ VIỆC", en: "CASE")
    public static let columnOffsets = Sentence(vi: "VỊ TRÍ", en: "OFFSETS")
    public static let columnCertainty = Sentence(vi: "KẾT LUẬN", en: "WHAT HAPPENED")
    public static let columnChangedFields = Sentence(vi: "TRƯỜNG BỊ CHE", en: "FIELDS CHANGED")
    public static let columnPurpose = Sentence(vi: "MỤC ĐÍCH", en: "PURPOSE")
    public static let columnCitation = Sentence(vi: "CĂN CỨ", en: "ALLOWED BY")
    public static let columnSession = Sentence(vi: "PHIÊN KẾT NỐI", en: "SESSION")
    public static let columnAddress = Sentence(vi: "ĐỊA CHỈ", en: "ADDRESS")
}
