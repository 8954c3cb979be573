// What `hanbridge receipt` and `hanbridge audit` say.
extension Sentence {
    public static func evidenceFileRefused(_ file: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(vi: "\(file): không đọc được: \(why.vietnamese).", en: "\(file): it cannot be read: \(why.english).")
    }

    public static func evidenceFileNotWritten(_ file: String) -> Sentence {
        Sentence(vi: "\(file): không ghi được.", en: "\(file): it cannot be written.")
    }

    public static func evidenceHostWrong(_ host: String) -> Sentence {
        Sentence(
            vi: "evidence.host: “\(host)” không thể là tên nhật ký: không được có dấu cách, dấu cộng hay dấu gạch chéo.",
            en: "evidence.host: “\(host)” cannot be the name of logs: no spaces, no plus sign, no slash.")
    }

    public static func timestampChoiceWrong(_ key: String) -> Sentence {
        Sentence(
            vi: "\(key): cần url (http hoặc https), authorities (tệp PEM của tổ chức cấp dấu thời gian), và nếu có seconds thì interval từ 1 đến 3600, outageMax từ 1 đến 2678400.",
            en: "\(key): there must be url (http or https), authorities (a PEM file of the time-stamp authority's), and under seconds, if anything, interval from 1 to 3600 and outageMax from 1 to 2678400.")
    }

    public static func timestampsBy(_ time: String, size: Int64, lagSeconds: Int64) -> Sentence {
        Sentence(
            vi: "Dấu thời gian: \(size) bản ghi đầu đã có mặt lúc \(time); chậm nhất \(lagSeconds) giây sau thời điểm ghi nhận.",
            en: "Time-stamped: the first \(size) records were there at \(time); at most \(lagSeconds) s after they say that they were appended.")
    }

    public static func timestampRefused(_ name: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(vi: "\(name): dấu thời gian không đúng: \(why.vietnamese).", en: "\(name): the time-stamp does not hold: \(why.english).")
    }

    public static func timestampsAbsent(_ log: String) -> Sentence {
        Sentence(vi: "\(log): không có dấu thời gian nào.", en: "\(log): there are no time-stamps.")
    }

    public static func timestampsFailed(_ log: String) -> Sentence {
        Sentence(vi: "\(log): dấu thời gian không đạt.", en: "\(log): the time-stamps do not hold.")
    }

    public static func doctorTimestamps(minutesWaiting: Int, isOverdue: Bool) -> Sentence {
        guard minutesWaiting > 5 || isOverdue else {
            return Sentence(vi: "Điểm kiểm tra được đóng dấu thời gian đều đặn.", en: "Checkpoints are time-stamped.")
        }
        return isOverdue
            ? Sentence(
                vi: "Đã \(minutesWaiting) phút không có dấu thời gian; các chủ đề bắt buộc có dấu thời gian không nhận bản ghi. Hãy xem nhật ký của máy chủ và evidence.timestamp.",
                en: "No time-stamp has come for \(minutesWaiting) minutes, and topics that are strict about them take no records: see the broker's log and evidence.timestamp.")
            : Sentence(
                vi: "Đã \(minutesWaiting) phút không có dấu thời gian. Hãy xem nhật ký của máy chủ và evidence.timestamp.",
                en: "No time-stamp has come for \(minutesWaiting) minutes: see the broker's log and evidence.timestamp.")
    }

    public static func logKeyUnreadable(_ file: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(
            vi: "\(file): không dùng được làm khóa ký nhật ký: \(why.vietnamese).", en: "\(file) cannot be used as the log's key: \(why.english).")
    }

    public static func logKeyExposed(_ file: String) -> Sentence {
        Sentence(
            vi: "\(file): tài khoản khác đọc được khóa ký nhật ký; hãy chạy: chmod 600 \(file)",
            en: "\(file): other accounts can read the log's key; run: chmod 600 \(file)")
    }

    // MARK: receipts

    public static func headerWrong(_ argument: String) -> Sentence {
        Sentence(vi: "“\(argument)”: cần viết dạng TÊN=GIÁ-TRỊ.", en: "“\(argument)”: write NAME=VALUE.")
    }

    public static func recordTooLarge(_ file: String) -> Sentence {
        Sentence(vi: "\(file): quá lớn so với một bản ghi.", en: "\(file): it is larger than a record can be.")
    }

    public static func receiptVerified(log: String, offset: Int64, contentChecked: Bool) -> Sentence {
        contentChecked
            ? Sentence(
                vi: "Biên nhận đúng: bản ghi này nằm ở vị trí \(offset) của \(log).",
                en: "The receipt holds: this record is at offset \(offset) of \(log).")
            : Sentence(
                vi: "Biên nhận đúng: bút toán của nó nằm ở vị trí \(offset) của \(log). Nội dung bản ghi chưa được đối chiếu.",
                en: "The receipt holds: its entry is at offset \(offset) of \(log). The record's content was not compared.")
    }

    /// - Parameter place: file and line, where there are many.
    public static func receiptRefused(_ why: String, at place: String? = nil) -> Sentence {
        let why = told(why)
        let place = place.map { "\($0): " } ?? ""
        return Sentence(
            vi: "\(place)Biên nhận không đúng: \(why.vietnamese).", en: "\(place)The receipt does not hold: \(why.english).")
    }

    public static func receiptsVerified(_ count: Int, contentChecked: Bool) -> Sentence {
        contentChecked
            ? Sentence(
                vi: "Cả \(count) biên nhận đều đúng, và các bản ghi là những bản ghi trong tệp đã gửi.",
                en: "All receipts hold: \(count), and the records are those of the published file.")
            : Sentence(vi: "Cả \(count) biên nhận đều đúng.", en: "All receipts hold: \(count).")
    }

    public static let receiptsHaveKeys = Sentence(
        vi: "Tệp của publish --receipts đã có khóa của từng bản ghi: hãy bỏ --key và --header.",
        en: "A file of publish --receipts has each record's key: leave out --key and --header.")

    public static func publishedLineMissing(_ file: String, line: Int) -> Sentence {
        Sentence(
            vi: "\(file) không có dòng \(line), trong khi có biên nhận cho dòng này.", en: "\(file) has no line \(line), and a receipt is about it.")
    }

    public static func receiptAppended(_ time: String) -> Sentence {
        Sentence(vi: "Máy chủ ghi nhận lúc \(time).", en: "Appended at \(time) by the broker's clock.")
    }

    public static func receiptCosigned(by witness: String, at time: String) -> Sentence {
        Sentence(vi: "\(witness) đồng ký lúc \(time).", en: "Cosigned by \(witness) at \(time).")
    }

    public static let replayNeedsPurpose = Sentence(
        vi: "Đọc lại phải có mục đích: hãy thêm --purpose.", en: "Replaying needs a purpose: add --purpose.")

    public static func recordNotInLog(_ place: String) -> Sentence {
        Sentence(
            vi: "\(place): không có trong nhật ký, hoặc chủ đề không lưu bằng chứng (hanbridge.evidence=none).",
            en: "\(place): it is not in the log, or the topic keeps no evidence (hanbridge.evidence=none).")
    }

    public static func logNotAnswering(_ path: String) -> Sentence {
        Sentence(
            vi: "\(path): chưa có điểm kiểm tra nào; hãy thử lại sau, và xem nhật ký của máy chủ nếu vẫn vậy.",
            en: "\(path): no checkpoint covers it; try again later, and look at the broker's log if that does not help.")
    }

    public static func logUnreadable(_ path: String) -> Sentence {
        Sentence(
            vi: "\(path): máy chủ không đọc được (bị hỏng, hoặc phân vùng đang ngừng phục vụ); những gì không được đưa ra thì coi là không có.",
            en: "\(path): the broker cannot read it (it is damaged, or the partition is out of service); what is not shown is judged as not there.")
    }

    public static func partitionUnknown(_ topic: String, _ partition: Int32) -> Sentence {
        Sentence(vi: "Chủ đề \(topic) không có phân vùng \(partition).", en: "Topic \(topic) has no partition \(partition).")
    }

    public static func logExported(_ log: String, size: Int64, folder: String) -> Sentence {
        Sentence(vi: "\(log): đã xuất \(size) bút toán ra \(folder).", en: "\(log): \(size) entries are in \(folder).")
    }

    public static func auditPassedInPart(_ log: String, from: Int64, to: Int64) -> Sentence {
        Sentence(
            vi: "\(log): các bút toán từ \(from) đến trước \(to) đều khớp với điểm kiểm tra đã ký.",
            en: "\(log): the entries from \(from) to before \(to) lead to the signed checkpoint.")
    }

    public static func writerHeld(_ subject: String, records: Int64, key: String, at time: String) -> Sentence {
        Sentence(
            vi: "\(subject) đã gửi \(records) bản ghi bằng khóa \(key); chứng thư số có hiệu lực lúc \(time).",
            en: "\(subject) published \(records == 1 ? "one record" : "\(records) records") with the key \(key); its certificate held at \(time).")
    }

    public static func writerNotKnown(_ key: String, records: Int64, at time: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(
            vi: "Không chứng minh được khóa \(key) của \(records) bản ghi (từ \(time)) là của ai: \(why.vietnamese).",
            en: "Whose key \(key) is, which wrote \(records == 1 ? "one record" : "\(records) records") from \(time) on, is not proven: \(why.english).")
    }

    public static func writersRefused(_ log: String) -> Sentence {
        Sentence(
            vi: "\(log): có bên gửi không được các cơ quan chứng thực đã nêu xác nhận.",
            en: "\(log): the named authorities do not vouch for all who wrote.")
    }

    // MARK: audits

    public static func auditFailed(_ log: String) -> Sentence {
        Sentence(vi: "\(log): kiểm toán không đạt.", en: "\(log): the audit failed.")
    }

    public static func auditLogOffline(_ log: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(
            vi: "\(log): phân vùng đang ngừng phục vụ nên nhật ký không được đưa ra để kiểm toán: \(why.vietnamese)",
            en: "\(log): the partition is out of service, and its log is not shown to be audited: \(why.english)")
    }

    public static func auditNothingSigned(_ log: String) -> Sentence {
        Sentence(vi: "\(log): chưa có gì được ký nên chưa có gì để kiểm toán.", en: "\(log): nothing of it is signed yet, so there is nothing to audit.")
    }

    public static func auditPassed(_ log: String, size: Int64) -> Sentence {
        Sentence(
            vi: "\(log): toàn bộ \(size) bút toán đều khớp với điểm kiểm tra đã ký.",
            en: "\(log): all \(size) entries lead to the signed checkpoint.")
    }

    public static let doctorJournalContradicted = Sentence(
        vi: """
            Sổ điểm kiểm tra không phải là sổ mà các bên làm chứng đã thấy (một trạng thái cũ đã được khôi phục), nên không có gì được đóng dấu thời gian. \
            Hãy khôi phục trạng thái mới nhất, hoặc chạy hanbridge log reopen-journal.
            """,
        en: """
            The journal of checkpoints is not the one that witnesses know (an older state was restored), so nothing is time-stamped. Restore the newest \
            state, or run hanbridge log reopen-journal.
            """)

    public static func doctorPruningWaits(for witness: String, logs: Int) -> Sentence {
        Sentence(
            vi: "Bằng chứng quá hạn của \(logs) nhật ký chưa được dọn vì bên làm chứng \(witness) chưa biết tới đó.",
            en: "The evidence of \(logs) logs that is due to go waits for witness \(witness), which does not know as much of them yet.")
    }

    public static func auditSavedPruned(_ log: String, size: Int64) -> Sentence {
        Sentence(
            vi: """
                \(log): điểm kiểm tra đã lưu (\(size) bút toán) nằm trong phần đã được dọn theo thời hạn kiểm toán, nên không còn chứng minh được nhật ký \
                nối tiếp nó. Phần còn lại vẫn khớp với điểm kiểm tra đã ký; các bên làm chứng (--policy) xác nhận phần trước đó.
                """,
            en: """
                \(log): the saved checkpoint of \(size) entries lies in what was pruned after the audit retention, so that the log continues it can no \
                longer be shown. What is left leads to the signed checkpoint; for what was before it stand the witnesses (--policy).
                """)
    }

    public static func logReopened(_ partition: String, closed: String, size: Int64, as log: String) -> Sentence {
        Sentence(
            vi: "\(partition): nhật ký \(closed) đã đóng tại \(size) bút toán và tiếp tục dưới tên \(log). Kiểm toán viên tìm thấy liên kết trong _audit.access.",
            en: "\(partition): the log \(closed) is closed at \(size) entries and goes on as \(log). Auditors find the link in _audit.access.")
    }

    public static func journalReopened(_ closed: String, size: Int64, as journal: String) -> Sentence {
        Sentence(
            vi: "Sổ điểm kiểm tra \(closed) có \(size) mục tiếp tục dưới tên \(journal); dấu thời gian sẽ lại được lấy.",
            en: "The journal \(closed) with \(size) entries goes on as \(journal); time-stamps are taken again.")
    }

    public static func auditReopened(_ log: String, closed: String, size: Int64, record: String) -> Sentence {
        Sentence(
            vi: "\(log): nối tiếp nhật ký \(closed) đã đóng tại \(size) bút toán (\(record)).",
            en: "\(log): it goes on from the log \(closed), which was closed at \(size) entries (\(record)).")
    }

    public static func auditReopeningUnrecorded(_ log: String, closed: String) -> Sentence {
        Sentence(
            vi: "\(log): nối tiếp nhật ký \(closed), nhưng không thấy bản ghi nào của _audit.access hoặc điểm kiểm tra đã ký nào xác nhận việc đóng nhật ký đó.",
            en: "\(log): it goes on from the log \(closed), and no record of _audit.access with a signed checkpoint says that this one was closed.")
    }

    public static func auditFindingsLeftOut(_ count: Int) -> Sentence {
        Sentence(vi: "Còn \(count) khoảng khác không được liệt kê.", en: "\(count) further ranges are not listed.")
    }

    public static let auditContentChecked = Sentence(vi: "bút toán và nội dung đều khớp", en: "entry and content hold")
    public static let auditEntryChecked = Sentence(vi: "bút toán khớp; nội dung không được xem", en: "the entry holds; the content was not looked at")
    public static let auditContentMasked = Sentence(
        vi: "bút toán khớp; nội dung đã che theo quy tắc, bút toán không chứng minh được nó",
        en: "the entry holds; the content is masked by a rule, and the entry does not prove it")
    public static let auditOtherTime = Sentence(
        vi: "bản ghi được trình ra không mang thời điểm của bút toán", en: "the record that is shown does not have the entry's time")
    public static func auditJustified(by reference: String) -> Sentence { Sentence(vi: "căn cứ \(reference)", en: "under \(reference)") }
    public static let auditOtherLog = Sentence(
        vi: "điểm kiểm tra thuộc về một nhật ký khác với nhật ký đã được kiểm toán",
        en: "the checkpoint is of another log than the one that was audited")
    public static let auditLogUnsigned = Sentence(
        vi: "điểm kiểm tra không có chữ ký của khóa nào thuộc nhật ký này", en: "the checkpoint has no signature of a key of this log")
    public static let auditLogForged = Sentence(
        vi: "chữ ký của nhật ký trên điểm kiểm tra không đúng", en: "the log's signature on the checkpoint does not hold")
    public static let auditCosignatureForged = Sentence(
        vi: "chữ ký của một bên làm chứng trên điểm kiểm tra không đúng", en: "a witness's signature on the checkpoint does not hold")
    public static let auditQuorumMissing = Sentence(
        vi: "chưa đủ bên làm chứng đồng ký điểm kiểm tra", en: "too few witnesses cosigned the checkpoint")
    public static let auditShorter = Sentence(
        vi: "nhật ký ngắn hơn so với lần kiểm toán trước", en: "the log is shorter than at the last audit")
    public static func auditOtherHistory(size: Int64) -> Sentence {
        Sentence(
            vi: "nhật ký không nối tiếp điểm kiểm tra có \(size) bút toán đã được tin cậy trước đây",
            en: "the log does not continue the checkpoint of \(size) entries that was trusted before")
    }
    public static let auditNotInTree = Sentence(
        vi: "cả các ô băm lẫn bút toán đều không dẫn tới gốc đã ký", en: "neither tiles nor entries lead to the signed root")
    public static func auditStoredHash(level: Int) -> Sentence {
        Sentence(
            vi: "giá trị băm lưu ở mức ô \(level) khác với giá trị tính từ bút toán",
            en: "a stored hash of tile level \(level) is not the one of the entries")
    }
    public static let auditEntryAbsent = Sentence(vi: "không có bút toán", en: "there is no entry")
    public static let auditEntryMalformed = Sentence(vi: "bút toán sai khuôn dạng", en: "the entry is not of its form")
    public static let auditEntryChanged = Sentence(
        vi: "bút toán không phải là bút toán đã đưa vào cây băm", en: "the entry is not the one that was hashed into the tree")
    public static func auditOtherOffset(_ offset: Int64) -> Sentence {
        Sentence(vi: "những gì ở đây thuộc về vị trí \(offset)", en: "what is here belongs to offset \(offset)")
    }
    public static let auditRecordAbsent = Sentence(
        vi: "không có bản ghi và không có quyết định nào cho phép điều đó", en: "there is no record, and nothing allows that")
    public static let auditContentChanged = Sentence(
        vi: "nội dung bản ghi không khớp với bút toán", en: "the record's content is not the one that the entry stands for")
    public static let auditTimeDecreasing = Sentence(
        vi: "thời điểm ghi nhận sớm hơn bản ghi đứng trước", en: "its append time is before the one of the record before it")
    public static let auditBeforeWitnesses = Sentence(
        vi: "thời điểm ghi nhận sớm hơn lúc các bên làm chứng đồng ký nhật ký khi chưa có bản ghi này",
        en: "its append time is before witnesses cosigned the log without it")
    public static let auditAfterWitnesses = Sentence(
        vi: "thời điểm ghi nhận muộn hơn lúc các bên làm chứng đồng ký nhật ký đã có bản ghi này",
        en: "its append time is after witnesses cosigned the log with it")
}
