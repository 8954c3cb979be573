// What the client of the Kafka protocol may have to say.
extension Sentence {
    public static func noAnswer(_ address: String) -> Sentence {
        Sentence(
            vi: "\(address) không trả lời trong thời hạn. Hãy thử lại sau.",
            en: "\(address) did not answer in time. Try again later.")
    }

    public static func answerMalformed(_ why: String) -> Sentence {
        Sentence(
            vi: "Không đọc được câu trả lời của máy chủ: \(why). Có đúng là máy chủ Kafka không?",
            en: "The answer cannot be read: \(why). Is this a Kafka broker?")
    }

    public static func apiUnsupported(_ api: String) -> Sentence {
        Sentence(vi: "Máy chủ không hỗ trợ thao tác \(api).", en: "The broker does not support \(api).")
    }

    public static let clientOverloaded = Sentence(
        vi: "Quá nhiều yêu cầu đang chờ trả lời.", en: "Too many requests wait for an answer.")

    public static func certificateFilesUnusable(_ file: String, why: String) -> Sentence {
        Sentence(
            vi: "Không dùng được chứng thư \(file) hoặc khoá của nó: \(why).",
            en: "The certificate \(file) or its key cannot be used: \(why).")
    }
}
