// Refused records that a quarantine keeps.
extension Sentence {
    public static func readingQuarantine(_ topic: String) -> Sentence { Sentence(vi: "đọc khu cách ly \(topic)", en: "reading quarantine \(topic)") }
    public static func resolvingEntry(_ entry: String) -> Sentence { Sentence(vi: "xử lý mục cách ly \(entry)", en: "dealing with entry \(entry)") }

    public static func noSuchEntry(_ entry: String) -> Sentence {
        Sentence(
            vi: "Không có mục \(entry) trong khu cách ly. “hanbridge quarantine list” liệt kê các mục.",
            en: "The quarantine has no entry \(entry). “hanbridge quarantine list” shows what it has.")
    }

    public static func entryResolved(_ entry: String, _ state: Sentence) -> Sentence {
        Sentence(vi: "Mục \(entry) đã được xử lý: \(state.vietnamese).", en: "Entry \(entry) is dealt with already: \(state.english).")
    }

    public static func correctionInvalid(_ entry: String, path: String, rule: String, why: String) -> Sentence {
        Sentence(
            vi: "Bản sửa của \(entry) vẫn sai tại \(path) (\(rule)): \(why.vietnamese). Chưa gửi gì.",
            en: "The correction of \(entry) is not valid at \(path) (\(rule)): \(why). Nothing was published.")
    }

    public static func correctionRefused(_ entry: String) -> Sentence {
        Sentence(
            vi: "Bản sửa của \(entry) bị từ chối vì các lý do trên; mục này vẫn chờ xử lý.",
            en: "The correction of \(entry) was refused for the reasons above; the entry stays open.")
    }

    public static func resolutionRefused(_ entry: String) -> Sentence {
        Sentence(vi: "Không ghi được kết quả xử lý mục \(entry) vào khu cách ly.", en: "What became of \(entry) could not be written to the quarantine.")
    }

    public static func fixedAndStillOpen(_ entry: String, _ record: String) -> Sentence {
        Sentence(
            vi: "Bản sửa đã được gửi thành \(record), nhưng chưa ghi được rằng mục \(entry) đã xử lý: hãy dùng “hanbridge quarantine drop \(entry) --reason \(record)”. Nếu bạn được nhận bản ghi của chủ đề gốc, cũng có thể chạy lại “quarantine fix”: lệnh tìm thấy bản đã gửi và không gửi thêm.",
            en: "The correction is published as \(record), but it could not be written that \(entry) is dealt with: use “hanbridge quarantine drop \(entry) --reason \(record)”. If you may subscribe to its origin, “quarantine fix” again does as well: it finds what is published and publishes nothing.")
    }

    public static func perhapsFixed(_ entry: String) -> Sentence {
        Sentence(
            vi: "Không chắc bản sửa của \(entry) đã được gửi hay chưa. Chạy lại “quarantine fix” là an toàn: trước khi gửi, lệnh tìm bản đã gửi trong chủ đề gốc.",
            en: "The correction of \(entry) may be published already. “quarantine fix” again is safe: it looks for it in the origin before it publishes.")
    }

    public static func perhapsFixedUnseen(_ entry: String, topic: String) -> Sentence {
        Sentence(
            vi: "Không chắc bản sửa của \(entry) đã được gửi hay chưa. Trước khi sửa lại, hãy nhờ người được nhận bản ghi của chủ đề \(topic) tìm bản ghi có tiêu đề hanbridge-quarantined: \(entry).",
            en: "The correction of \(entry) may be published already. Before fixing it again, have somebody who may subscribe to topic \(topic) look for a record with the header hanbridge-quarantined: \(entry).")
    }

    public static func correctionsNotAllSeen(_ entry: String, topic: String) -> Sentence {
        Sentence(
            vi: "Không xem được hết chủ đề \(topic) để biết \(entry) đã được sửa trước đây hay chưa (không có quyền subscribe, hoặc có quá nhiều bản ghi sau mục này); bản sửa vẫn được gửi.",
            en: "Whether \(entry) was fixed before could not be seen in all of topic \(topic) (no right to subscribe, or too many records since); it is published nevertheless.")
    }

    public static func entryWasFixed(_ entry: String, _ record: String) -> Sentence {
        Sentence(
            vi: "Bản sửa của \(entry) đã được gửi từ trước thành \(record): không gửi thêm, mục này được đánh dấu đã sửa.",
            en: "The correction of \(entry) was published before as \(record): nothing more is published, and the entry is marked as fixed.")
    }

    public static func entryFixed(_ entry: String, _ record: String) -> Sentence {
        Sentence(vi: "Đã sửa \(entry) và gửi thành \(record).", en: "\(entry) is fixed and published as \(record).")
    }

    public static func entryDropped(_ entry: String) -> Sentence { Sentence(vi: "Đã bỏ \(entry).", en: "\(entry) is dropped.") }

    public static func moreEntries(_ count: Int) -> Sentence {
        Sentence(vi: "… và \(count) mục khác; dùng --max để xem thêm.", en: "… and \(count) more; --max shows them.")
    }

    public static func quarantineState(_ word: String) -> Sentence {
        switch word {
        case "open": Sentence(vi: "chờ xử lý", en: "open")
        case "fixed": Sentence(vi: "đã sửa", en: "fixed")
        case "dropped": Sentence(vi: "đã bỏ", en: "dropped")
        default: .verbatim(word)
        }
    }

    public static func entryHeading(_ entry: String, _ state: Sentence) -> Sentence {
        Sentence(vi: "Mục \(entry): \(state.vietnamese)", en: "Entry \(entry): \(state.english)")
    }

    public static func entryOrigin(_ origin: String, publisher: String, time: String) -> Sentence {
        Sentence(vi: "Gửi vào \(origin) bởi \(publisher), lúc \(time)", en: "Published to \(origin) by \(publisher) at \(time)")
    }

    public static func entryRepublished(_ record: String) -> Sentence { Sentence(vi: "Đã gửi lại thành \(record)", en: "Published again as \(record)") }

    public static let columnEntry = Sentence(vi: "MỤC", en: "ENTRY")
    public static let columnOrigin = Sentence(vi: "GỬI VÀO", en: "ORIGIN")
    public static let columnPublisher = Sentence(vi: "NGƯỜI GỬI", en: "PUBLISHER")
    public static let columnViolations = Sentence(vi: "VI PHẠM", en: "VIOLATIONS")
    public static let columnTime = Sentence(vi: "THỜI ĐIỂM", en: "TIME")
}
