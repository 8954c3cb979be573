// Starting and checking a broker.
extension Sentence {
    public static func brokerCannotStart(_ why: Sentence) -> Sentence {
        Sentence(vi: "Máy chủ không khởi động được: \(why.vietnamese)", en: "The broker cannot start: \(why.english)")
    }

    /// - Parameter configuration: the file that says where.
    public static func cannotListen(_ addresses: [String], why: String, configuration: String) -> Sentence {
        let list = addresses.joined(separator: ", ")
        return Sentence(
            vi: "không nghe được trên một trong các địa chỉ \(list) (\(why.vietnamese)). Có thể một chương trình khác đang dùng cổng; hãy sửa “listeners” trong \(configuration).",
            en: "one of the addresses \(list) cannot be listened on (\(why)). Another program may have the port; see “listeners” in \(configuration).")
    }

    public static func brokerReady(kafka: String, https: String, health: String) -> Sentence {
        Sentence(
            vi: "Sẵn sàng. Kafka: \(kafka) · HTTPS: \(https) · theo dõi: \(health)",
            en: "Ready. Kafka: \(kafka) · HTTPS: \(https) · health: \(health)")
    }

    public static let brokerStopped = Sentence(vi: "Máy chủ đã dừng; mọi bản ghi đã nhận đều an toàn.", en: "The broker has stopped; everything acknowledged is safe.")
}

extension Sentence {
    public static let changedMeanwhile = Sentence(
        vi: "Dữ liệu đã được người khác thay đổi trong lúc này. Hãy xem lại rồi thử lại.",
        en: "Somebody else changed this meanwhile. Look again, then try again.")
}
