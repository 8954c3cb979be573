// What the client of the Kafka protocol may have to say.
extension Sentence {
    public static func noAnswer(_ address: String) -> Sentence {
        Sentence(
            vi: "\(address) không trả lời trong thời hạn. Hãy thử lại sau.",
            en: "\(address) did not answer in time. Try again later.")
    }

    public static func answerMalformed(_ why: String) -> Sentence {
        Sentence(
            vi: "Không đọc được câu trả lời của máy chủ: \(why.vietnamese). Có đúng là máy chủ Kafka không?",
            en: "The answer cannot be read: \(why). Is this a Kafka broker?")
    }

    public static func apiUnsupported(_ api: String) -> Sentence {
        Sentence(vi: "Máy chủ không hỗ trợ thao tác \(api).", en: "The broker does not support \(api).")
    }

    public static func certificateRefused(_ address: String) -> Sentence {
        Sentence(
            vi: "Máy chủ \(address) không chấp nhận chứng thư số của bạn: có thể đã hết hạn, đã bị thu hồi hoặc do cơ quan chứng thực khác cấp. Hãy liên hệ nơi cấp chứng thư số.",
            en: "The broker at \(address) does not accept your certificate: it may have ended, been revoked, or come from another authority. Ask whoever issued it.")
    }

    public static func brokerClosed(_ address: String) -> Sentence {
        Sentence(
            vi: "\(address) đóng kết nối mà không trả lời. Máy chủ đang dừng, hoặc không chấp nhận chứng thư số của bạn (đã hết hạn hoặc bị thu hồi): hãy thử lại, rồi liên hệ nơi cấp chứng thư số.",
            en: "\(address) closed the connection without an answer. It is stopping, or does not accept your certificate (ended or revoked): try again, then ask whoever issued it.")
    }

    public static func brokerNotTrusted(_ address: String) -> Sentence {
        Sentence(
            vi: "Chứng thư số của máy chủ \(address) không do cơ quan chứng thực trong hồ sơ của bạn (ca.pem) cấp, đã hết hạn, hoặc không mang tên này.",
            en: "The certificate of \(address) is not from the authority in your profile (ca.pem), has ended, or does not carry this name.")
    }

    // What an error code means for whoever asked; after a colon, before a full stop.

    public static let noAgreementOrTopic = Sentence(
        vi: "không có thỏa thuận đang có hiệu lực hay vai trò nào cho phép, hoặc không có chủ đề này; “hanbridge policy list” cho biết bạn được phép những gì",
        en: "no agreement in force and no role allows it, or there is no such topic; “hanbridge policy list” shows what covers you")
    public static let groupOfOthers = Sentence(
        vi: "tên nhóm nhận phải là tên cơ quan của bạn hoặc bắt đầu bằng tên đó và một dấu chấm, trừ khi mục “groups” của thỏa thuận cho phép tên khác",
        en: "a group's id is your agency's name or begins with it and a dot, unless “groups” of an agreement names it")
    public static let mayPublishNothing = Sentence(
        vi: "không có thỏa thuận đang có hiệu lực hay vai trò nào cho phép; nút này không được gửi vào chủ đề nào",
        en: "no agreement in force and no role allows it; this node may not publish to any topic")
    public static let noSuchTopic = Sentence(vi: "không có chủ đề hay phân vùng này", en: "there is no such topic or partition")
    public static let groupHasMembers = Sentence(
        vi: "nhóm nhận còn thành viên đang chạy; hãy dừng chúng trước", en: "the group has members; stop them first")
    public static let storageRefuses = Sentence(
        vi: "máy chủ tạm thời không ghi hoặc không đọc được đĩa; “hanbridge doctor” cho biết lý do",
        en: "the broker cannot write to or read from its disk just now; “hanbridge doctor” says why")

    public static let clientOverloaded = Sentence(
        vi: "Quá nhiều yêu cầu đang chờ trả lời.", en: "Too many requests wait for an answer.")

    public static func certificateFilesUnusable(_ file: String, why: String) -> Sentence {
        Sentence(
            vi: "Không dùng được chứng thư số \(file) hoặc khóa của nó: \(why.vietnamese).",
            en: "The certificate \(file) or its key cannot be used: \(why).")
    }
}
