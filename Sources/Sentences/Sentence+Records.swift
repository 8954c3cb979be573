// Publishing and subscribing.
extension Sentence {
    public static func publishing(_ topic: String) -> Sentence { Sentence(vi: "gửi bản ghi vào chủ đề \(topic)", en: "publishing to topic \(topic)") }
    public static func subscribing(_ topic: String) -> Sentence { Sentence(vi: "nhận bản ghi từ chủ đề \(topic)", en: "subscribing to topic \(topic)") }

    public static func published(_ count: Int, topic: String) -> Sentence {
        Sentence(
            vi: "Đã gửi \(count) bản ghi vào chủ đề \(topic); tất cả đã được lưu bền vững.",
            en: count == 1 ? "Published 1 record to topic \(topic); it is durable." : "Published \(count) records to topic \(topic); all of them are durable.")
    }
}
