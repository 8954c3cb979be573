// Publishing and subscribing.
extension Sentence {
    public static func publishing(_ topic: String) -> Sentence { Sentence(vi: "gửi bản ghi vào chủ đề \(topic)", en: "publishing to topic \(topic)") }
    public static func subscribing(_ topic: String) -> Sentence { Sentence(vi: "nhận bản ghi từ chủ đề \(topic)", en: "subscribing to topic \(topic)") }

    public static func published(_ count: Int, topic: String) -> Sentence {
        Sentence(
            vi: "Đã gửi \(count) bản ghi vào chủ đề \(topic); tất cả đã được lưu bền vững.",
            en: count == 1 ? "Published 1 record to topic \(topic); it is durable." : "Published \(count) records to topic \(topic); all of them are durable.")
    }

    /// - Parameter isExact: false while others may be stored whose acknowledgement never came.
    public static func publishedBeforeFailure(_ count: Int, topic: String, isExact: Bool) -> Sentence {
        Sentence(
            vi: isExact
                ? "Trước lỗi này, \(count) bản ghi đã được gửi vào chủ đề \(topic) và lưu bền vững."
                : "Trước lỗi này, máy chủ đã xác nhận \(count) bản ghi được gửi vào chủ đề \(topic) và lưu bền vững; các bản ghi đang gửi dở có thể cũng đã được lưu.",
            en: isExact
                ? "\(count == 1 ? "1 record was" : "\(count) records were") published to topic \(topic) before this and \(count == 1 ? "is" : "are") durable."
                : "\(count == 1 ? "1 record was" : "\(count) records were") acknowledged by topic \(topic) before this and \(count == 1 ? "is" : "are") durable; others that were on their way may be too.")
    }

    public static func topicSchemaUnreadable(_ topic: String, subject: String, why: Sentence) -> Sentence {
        Sentence(
            vi: "Chủ đề \(topic) chỉ nhận bản ghi theo lược đồ \(subject), nhưng không đọc được lược đồ này: \(why.vietnamese). Cơ quan chủ quản đăng ký bằng “hanbridge schema register TỆP --subject \(subject)”.",
            en: "Topic \(topic) takes records of subject \(subject), which cannot be read: \(why.english). Its steward registers it with “hanbridge schema register FILE --subject \(subject)”.")
    }

    public static func recordsRefused(_ count: Int, published: Int, topic: String) -> Sentence {
        Sentence(
            vi: "Có \(count) bản ghi bị từ chối, không vào chủ đề \(topic); \(published) bản ghi còn lại đã được gửi. Hãy sửa và gửi lại riêng các bản ghi bị từ chối.",
            en: "\(count == 1 ? "1 record was" : "\(count) records were") refused and not published to topic \(topic); \(published) others were. Mend the refused ones and publish them alone.")
    }

    public static func moreRefused(_ count: Int) -> Sentence {
        Sentence(
            vi: "… và \(count) bản ghi khác bị từ chối; “--output json” cho biết tất cả.",
            en: "… and \(count) more were refused; “--output json” names them all.")
    }

    public static func recordCorrects(_ place: String, _ corrected: String) -> Sentence {
        Sentence(vi: "\(place) đính chính bản ghi \(corrected):", en: "\(place) corrects record \(corrected):")
    }

    public static let columnLine = Sentence(vi: "DÒNG", en: "LINE")
    public static let columnField = Sentence(vi: "TRƯỜNG", en: "FIELD")
    public static let columnQuarantineEntry = Sentence(vi: "ĐƯỢC GIỮ TẠI", en: "KEPT AS")
}
