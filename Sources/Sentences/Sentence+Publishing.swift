// What may be wrong with records that are sent over HTTPS.
extension Sentence {
    public static let submissionEmpty = Sentence(
        vi: "Nội dung không có bản ghi nào.", en: "There are no records in the body.")

    public static func tooManyRecords(max: Int) -> Sentence {
        Sentence(
            vi: "Một yêu cầu có nhiều nhất \(max) bản ghi. Hãy chia thành nhiều yêu cầu.",
            en: "One request has at most \(max) records. Send them in several.")
    }

    public static func recordsTooLarge(bytesMax: Int) -> Sentence {
        Sentence(
            vi: "Các bản ghi của một yêu cầu có tổng cộng nhiều nhất \(bytesMax) byte. Hãy chia thành nhiều yêu cầu.",
            en: "The records of one request have at most \(bytesMax) bytes together. Send them in several.")
    }

    public static func tooManyCorrections(max: Int) -> Sentence {
        Sentence(vi: "Một yêu cầu đính chính nhiều nhất \(max) bản ghi.", en: "One request corrects at most \(max) records.")
    }

    public static func tooManyHeaders(max: Int) -> Sentence {
        Sentence(vi: "Mỗi bản ghi có nhiều nhất \(max) tiêu đề.", en: "A record has at most \(max) headers.")
    }

    public static func tableLine(_ line: Int, why: Sentence) -> Sentence {
        Sentence(vi: "Dòng \(line): \(why.vietnamese)", en: "Line \(line): \(why.english)")
    }

    public static func topicUntyped(_ topic: String) -> Sentence {
        Sentence(
            vi: "Chủ đề “\(topic)” không có kiểu, nên không chọn được lược đồ cho bản ghi.",
            en: "Topic “\(topic)” is untyped, so no schema can be chosen for its records.")
    }

    public static func noSuchSchema(subject: String) -> Sentence {
        Sentence(
            vi: "“\(subject)” chưa có lược đồ như vậy. Đơn vị chủ quản cần đăng ký trước, hoặc hãy chọn phiên bản khác.",
            en: "Subject “\(subject)” has no such schema. Its steward registers one first, or choose another version.")
    }

    public static func noSuchPartition(_ partition: Int32, of topic: String) -> Sentence {
        Sentence(vi: "Chủ đề “\(topic)” không có phân vùng \(partition).", en: "Topic “\(topic)” has no partition \(partition).")
    }

    public static let outcomeUnknown = Sentence(
        vi: "Đĩa chưa xác nhận kịp: chưa biết bản ghi đã được lưu hay chưa. Hãy gửi lại đúng yêu cầu này với cùng Idempotency-Key.",
        en: "The disk did not answer in time: whether the record is stored is not known yet. Send the same request again with the same Idempotency-Key.")

    public static func noRecordTaken(_ count: Int) -> Sentence {
        Sentence(
            vi: "Không có bản ghi nào trong \(count) bản ghi được nhận; xem “records” để biết lý do của từng bản ghi.",
            en: count == 1 ? "The record was not taken; “records” says why." : "None of the \(count) records was taken; “records” says why, for each.")
    }

    public static func someRecordsNotTaken(_ count: Int) -> Sentence {
        Sentence(vi: "Có \(count) bản ghi không được nhận.", en: "\(count) records were not taken.")
    }

    public static func offsetOutOfRange(from first: Int64, to end: Int64) -> Sentence {
        Sentence(
            vi: "Vị trí này không có (hoặc không còn) trong phân vùng; phân vùng có từ \(first) đến trước \(end).",
            en: "The offset is not in the log, or not any more: the partition has those from \(first) up to \(end).")
    }

    // The envelope.
    public static let envelopeNoObject = Sentence(
        vi: "Mỗi bản ghi phải là một đối tượng có “value”.", en: "Each record is an object with a “value”.")
    public static let envelopeMemberTwice = Sentence(vi: "Có trường bị lặp.", en: "A member is there twice.")
    public static let envelopeMemberUnknown = Sentence(
        vi: "Các trường có thể dùng: key, keyBase64, value, valueBase64, headers, partition, timestamp.",
        en: "The members are key, keyBase64, value, valueBase64, headers, partition and timestamp.")
    public static let envelopeValueMissing = Sentence(
        vi: "Cần đúng một trong hai trường “value” và “valueBase64”, và nhiều nhất một trong “key” và “keyBase64”.",
        en: "It has one of “value” and “valueBase64”, and at most one of “key” and “keyBase64”.")
    public static let envelopeNoBase64 = Sentence(vi: "Giá trị không phải base64.", en: "This is not base64.")
    public static let envelopeNoNumber = Sentence(vi: "Giá trị phải là số nguyên từ 0.", en: "This must be a whole number from 0.")
    public static let envelopeHeaders = Sentence(
        vi: "“headers” phải là một đối tượng gồm các chuỗi hoặc null.", en: "“headers” is an object of strings or nulls.")
}

// Idempotency keys.
extension Sentence {
    public static let submissionInFlight = Sentence(
        vi: "Yêu cầu mang Idempotency-Key này đang được xử lý. Hãy gửi lại sau giây lát để nhận kết quả.",
        en: "The request with this Idempotency-Key is being worked on. Send it again in a moment for its answer.")

    public static let idempotencyKeyReused = Sentence(
        vi: "Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới cho nội dung mới.",
        en: "This Idempotency-Key was used for another request. Use a new key for new content.")

    public static func idempotencyKeyMalformed(bytesMax: Int) -> Sentence {
        Sentence(
            vi: "Idempotency-Key phải có từ 1 đến \(bytesMax) ký tự ASCII in được, nên đặt trong dấu ngoặc kép.",
            en: "An Idempotency-Key has 1 to \(bytesMax) printable ASCII characters, best in double quotes.")
    }
}

extension Problem {
    /// A body that is not what it is said to be; `why` says what and where.
    public static func unreadable(_ why: Sentence) -> Problem {
        Problem(status: 400, slug: "malformed", title: Sentence(vi: "Yêu cầu không đúng", en: "Malformed request"), detail: why)
    }

    public static func idempotencyKeyMalformed(bytesMax: Int) -> Problem { unreadable(.idempotencyKeyMalformed(bytesMax: bytesMax)) }

    public static func noSuchTopic(_ why: Sentence) -> Problem {
        Problem(status: 404, slug: "not-found", title: notFound.title, detail: why)
    }

    public static func offsetGone(_ why: Sentence) -> Problem {
        Problem(status: 410, slug: "offset-out-of-range", title: Sentence(vi: "Không có vị trí này", en: "No such offset"), detail: why)
    }

    public static func requestInFlight(_ why: Sentence) -> Problem {
        Problem(
            status: 409, slug: "request-in-flight", title: Sentence(vi: "Yêu cầu đang được xử lý", en: "Request in flight"), detail: why,
            retryAfterSeconds: 1)
    }

    public static func recordsTooLarge(_ why: Sentence) -> Problem {
        Problem(status: 413, slug: "too-large", title: Sentence(vi: "Nội dung quá lớn", en: "Too large"), detail: why)
    }

    /// Not one record of a body is what its topic takes.
    public static func recordsRefused(_ why: Sentence) -> Problem {
        Problem(status: 422, slug: "records-refused", title: Sentence(vi: "Bản ghi không hợp lệ", en: "Records not valid"), detail: why)
    }

    public static func idempotencyKeyReused(_ why: Sentence) -> Problem {
        Problem(
            status: 422, slug: "idempotency-key-reused",
            title: Sentence(vi: "Idempotency-Key đã dùng cho yêu cầu khác", en: "Idempotency-Key used for another request"), detail: why)
    }
}
