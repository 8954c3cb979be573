/// What HTTPS answers instead of a result: the parts of a problem document (RFC 9457) that people read.
public struct Problem: Error, Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// Stays the same for ever and in every language; the `type` is `urn:hanbridge:problem:<slug>`.
    public let slug: String
    public let title: Sentence
    public let detail: Sentence
    /// Seconds after which trying again makes sense, for `Retry-After`.
    public let retryAfterSeconds: Int?

    public init(status: Int, slug: String, title: Sentence, detail: Sentence, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
    }

    public var type: String { "urn:hanbridge:problem:\(slug)" }
}

// MARK: - Who asks

extension Problem {
    public static let certificateMissing = Problem(
        status: 401, slug: "certificate-missing",
        title: Sentence(vi: "Chưa xuất trình chứng thư số", en: "No client certificate"),
        detail: Sentence(
            vi: "Trang này chỉ dành cho nút đã được cấp chứng thư số. Hãy kết nối lại kèm chứng thư số do cơ quan chứng thực của thành phố cấp.",
            en: "This path is for nodes with a certificate. Connect again with one that the city's authority issued."))

    /// `why` in the words of the identity check.
    public static func certificateRefused(_ why: String) -> Problem {
        Problem(
            status: 401, slug: "certificate-refused",
            title: Sentence(vi: "Chứng thư số không được chấp nhận", en: "Certificate refused"),
            detail: Sentence(
                vi: "Chứng thư số không được chấp nhận: \(why.vietnamese). Hãy liên hệ đơn vị vận hành để được cấp lại.",
                en: "The certificate is not accepted: \(why). Ask the operator for a new one."))
    }

    /// `missing` is named only to those entitled to know it.
    public static func forbidden(missing: Sentence?) -> Problem {
        Problem(
            status: 403, slug: "forbidden",
            title: Sentence(vi: "Không được phép", en: "Not allowed"),
            detail: missing
                ?? Sentence(
                    vi: "Không có thỏa thuận hay vai trò nào cho phép thao tác này. Hãy hỏi đơn vị chủ quản dữ liệu.",
                    en: "No agreement and no role allows this. Ask the steward of the agency that owns the data."))
    }
}

// MARK: - What is asked

extension Problem {
    public static let notFound = Problem(
        status: 404, slug: "not-found",
        title: Sentence(vi: "Không tìm thấy", en: "Not found"),
        detail: Sentence(vi: "Không có gì tại địa chỉ này. Danh sách địa chỉ: /openapi.json.", en: "There is nothing at this path. /openapi.json lists what there is."))

    public static func notFound(_ name: String) -> Problem {
        Problem(
            status: 404, slug: "not-found", title: notFound.title,
            detail: Sentence(
                vi: "“\(name)” không tồn tại, hoặc bạn không được phép xem.",
                en: "“\(name)” does not exist, or you may not see it."))
    }

    public static func methodNotAllowed(allowed: [String]) -> Problem {
        let list = allowed.joined(separator: ", ")
        return Problem(
            status: 405, slug: "method-not-allowed",
            title: Sentence(vi: "Phương thức không được hỗ trợ", en: "Method not allowed"),
            detail: Sentence(vi: "Địa chỉ này chỉ nhận: \(list).", en: "This path takes: \(list)."))
    }

    public static func notAcceptable(offered: [String]) -> Problem {
        let list = offered.joined(separator: ", ")
        return Problem(
            status: 406, slug: "not-acceptable",
            title: Sentence(vi: "Không có dạng dữ liệu được yêu cầu", en: "Not acceptable"),
            detail: Sentence(vi: "Chỉ có thể trả lời dưới dạng: \(list).", en: "This can be answered as: \(list)."))
    }

    public static func malformed(_ why: String) -> Problem {
        Problem(
            status: 400, slug: "malformed",
            title: Sentence(vi: "Yêu cầu không đúng", en: "Malformed request"),
            detail: Sentence(vi: "Không đọc được yêu cầu: \(why.vietnamese).", en: "The request cannot be read: \(why)."))
    }

    public static let requestTimedOut = Problem(
        status: 408, slug: "request-timed-out",
        title: Sentence(vi: "Yêu cầu đến quá chậm", en: "Request too slow"),
        detail: Sentence(vi: "Yêu cầu không đến đủ trong thời hạn. Hãy gửi lại.", en: "The request did not arrive in time. Send it again."))

    public static func conflict(_ why: Sentence) -> Problem {
        Problem(status: 409, slug: "conflict", title: Sentence(vi: "Trái với trạng thái hiện tại", en: "Conflict"), detail: why)
    }

    public static func tooLarge(bytesMax: Int) -> Problem {
        Problem(
            status: 413, slug: "too-large",
            title: Sentence(vi: "Nội dung quá lớn", en: "Too large"),
            detail: Sentence(
                vi: "Nội dung vượt quá \(bytesMax) byte. Hãy chia thành nhiều phần nhỏ hơn.",
                en: "The content is larger than \(bytesMax) bytes. Send it in smaller parts."))
    }

    public static let uriTooLong = Problem(
        status: 414, slug: "uri-too-long",
        title: Sentence(vi: "Địa chỉ quá dài", en: "URI too long"),
        detail: Sentence(vi: "Địa chỉ của yêu cầu quá dài.", en: "The address of the request is too long."))

    public static func unsupportedMediaType(accepted: [String]) -> Problem {
        let list = accepted.joined(separator: ", ")
        return Problem(
            status: 415, slug: "unsupported-media-type",
            title: Sentence(vi: "Kiểu nội dung không được hỗ trợ", en: "Unsupported media type"),
            detail: Sentence(vi: "Hãy gửi nội dung với Content-Type là: \(list).", en: "Send the content with a Content-Type of: \(list)."))
    }

    /// Understood, and wrong: `why` says what and where.
    public static func unprocessable(_ why: Sentence) -> Problem {
        Problem(status: 422, slug: "unprocessable", title: Sentence(vi: "Nội dung không hợp lệ", en: "Content not valid"), detail: why)
    }

    /// The agreements that were sent are not in force; nothing was changed. `why` names file and line.
    public static func agreementsRefused(_ why: Sentence) -> Problem {
        Problem(
            status: 422, slug: "agreements-refused",
            title: Sentence(vi: "Thỏa thuận không hợp lệ", en: "Agreements not valid"),
            detail: Sentence(
                vi: "Bộ thỏa thuận chưa được áp dụng, bộ cũ vẫn còn hiệu lực: \(why.vietnamese)",
                en: "The agreements were not applied and the old ones stay in force: \(why.english)"))
    }
}

extension Problem {
    /// Nothing of a set of schemas was registered. `subjects` are those in its way; the faults say why.
    public static func schemasRefused(_ subjects: String) -> Problem {
        Problem(
            status: 422, slug: "schemas-refused",
            title: Sentence(vi: "Lược đồ không được chấp nhận", en: "Schemas not accepted"),
            detail: Sentence(
                vi: "Chưa đăng ký lược đồ nào; vướng ở: \(subjects).", en: "No schema was registered, because of: \(subjects)."))
    }
}

// MARK: - What the broker cannot do just now

extension Problem {
    public static func tooManyRequests(retryAfterSeconds: Int) -> Problem {
        Problem(
            status: 429, slug: "too-many-requests",
            title: Sentence(vi: "Quá nhiều yêu cầu", en: "Too many requests"),
            detail: Sentence(
                vi: "Đã vượt hạn mức. Hãy thử lại sau \(retryAfterSeconds) giây.",
                en: "The quota is used up. Try again in \(retryAfterSeconds) seconds."),
            retryAfterSeconds: retryAfterSeconds)
    }

    /// A bug of ours: said without its insides, which are in the log under `incident`.
    public static func unexpected(incident: String) -> Problem {
        Problem(
            status: 500, slug: "unexpected",
            title: Sentence(vi: "Lỗi ngoài dự kiến", en: "Unexpected error"),
            detail: Sentence(
                vi: "Đã xảy ra lỗi ngoài dự kiến. Hãy báo cho đơn vị vận hành mã sự cố \(incident).",
                en: "Something unexpected went wrong. Tell the operator the incident \(incident)."))
    }

    public static func storageUnavailable(_ why: Sentence, retryAfterSeconds: Int = 5) -> Problem {
        Problem(
            status: 503, slug: "storage-unavailable",
            title: Sentence(vi: "Kho lưu trữ tạm thời không ghi được", en: "Storage unavailable"),
            detail: why, retryAfterSeconds: retryAfterSeconds)
    }

    /// RFC 6585, 4.
    public static func quotaPassed(retryAfterSeconds: Int) -> Problem {
        Problem(
            status: 429, slug: "quota-passed",
            title: Sentence(vi: "Đã dùng hết hạn mức", en: "Quota used up"),
            detail: Sentence(
                vi: "Đơn vị đã dùng hết hạn mức hiện có. Hãy thử lại sau \(retryAfterSeconds) giây, hoặc đề nghị đơn vị vận hành nâng hạn mức.",
                en: "A quota of your node or agency is used up. Try again in \(retryAfterSeconds) seconds, or ask the operator for a larger one."),
            retryAfterSeconds: retryAfterSeconds)
    }

    public static func overloaded(retryAfterSeconds: Int = 1) -> Problem {
        Problem(
            status: 503, slug: "overloaded",
            title: Sentence(vi: "Hệ thống đang quá tải", en: "Overloaded"),
            detail: Sentence(
                vi: "Hệ thống đang xử lý quá nhiều việc. Hãy thử lại sau \(retryAfterSeconds) giây.",
                en: "The broker has too much to do. Try again in \(retryAfterSeconds) seconds."),
            retryAfterSeconds: retryAfterSeconds)
    }

    /// What is signed lags behind what is stored, by a second as a rule.
    public static let notCoveredYet = Problem(
        status: 503, slug: "not-covered-yet",
        title: Sentence(vi: "Chưa có điểm kiểm tra", en: "Not covered yet"),
        detail: Sentence(
            vi: "Chưa có điểm kiểm tra đã ký nào bao gồm bản ghi này. Hãy thử lại sau 1 giây.",
            en: "No signed checkpoint covers the record yet. Try again in a second."),
        retryAfterSeconds: 1)

    public static let shuttingDown = Problem(
        status: 503, slug: "shutting-down",
        title: Sentence(vi: "Hệ thống đang dừng", en: "Shutting down"),
        detail: Sentence(vi: "Hệ thống đang dừng để bảo trì. Hãy thử lại sau ít phút.", en: "The broker is shutting down. Try again in a few minutes."),
        retryAfterSeconds: 30)
}
