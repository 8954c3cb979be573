// What `hanbridge audit` says of case files, and of what in them is proven.
extension Sentence {
    public static func caseNotWritten(_ file: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(vi: "\(file): không tạo được hồ sơ: \(why.vietnamese).", en: "\(file): the case file cannot be made: \(why.english).")
    }

    public static func caseUnreadable(_ file: String) -> Sentence {
        Sentence(
            vi: "\(file): không phải hồ sơ do `audit export` tạo: thiếu case.json hoặc không đọc được.",
            en: "\(file): it is no case file of `audit export`: it has no case.json, or one that cannot be read.")
    }

    public static func caseNotMasked(_ log: String) -> Sentence {
        Sentence(
            vi: "\(log): bạn được đọc toàn bộ bản ghi, nên --masked sẽ không che gì. Hãy ghi --as NÚT để che như quy tắc cho nút đó, hoặc --records.",
            en: "\(log): you may read its records whole, so --masked would mask nothing. Say --as NODE to mask as the rules do for that node, or --records.")
    }

    public static func caseHasOther(_ file: String, member: String) -> Sentence {
        Sentence(
            vi: "\(file): “\(member)” không thuộc hồ sơ này.", en: "\(file): “\(member)” is no part of this case.")
    }

    public static func caseMemberWrong(_ file: String, member: String) -> Sentence {
        Sentence(
            vi: "\(file): “\(member)” không còn như lúc lập hồ sơ.", en: "\(file): “\(member)” is not as it was when the case was made.")
    }

    public static func caseOtherLog(_ file: String, log: String) -> Sentence {
        Sentence(
            vi: "\(file): điểm kiểm tra của \(log) không thuộc nhật ký mà case.json nêu.",
            en: "\(file): the checkpoint of \(log) is not of the log that case.json names.")
    }

    public static func caseLacks(_ part: String, why: String) -> Sentence {
        let why = told(why)
        return Sentence(vi: "Hồ sơ không có \(part): \(why.vietnamese)", en: "The case lacks \(part): \(why.english)")
    }

    public static func ledgerHeld(entries: Int64, about: Int64, from: String, to: String) -> Sentence {
        Sentence(
            vi: "Sổ giao nhận: đủ \(entries) bút toán từ \(from) đến \(to), khớp với điểm kiểm tra đã ký; \(about) bút toán liên quan đến các bản ghi này.",
            en: "The delivery ledger: all \(entries) entries from \(from) to \(to) lead to its signed checkpoint; \(about) of them concern these records.")
    }

    public static func ledgerRefused(_ log: String) -> Sentence {
        Sentence(
            vi: "\(log): sổ giao nhận trong hồ sơ không đủ hoặc không đúng với nhật ký của nó.",
            en: "\(log): the delivery ledger in the case is not whole, or not what its log has.")
    }

    // MARK: what is proven, and what is not

    public static func notCosigned(_ log: String, by witness: String) -> Sentence {
        Sentence(
            vi: "\(witness) không đồng ký điểm kiểm tra của \(log) trong tệp này.",
            en: "\(witness) has not cosigned the checkpoint of \(log) that is here.")
    }

    public static func cosignedWithin(_ seconds: Int64) -> Sentence {
        Sentence(
            vi: "Các bên làm chứng: mỗi bản ghi được họ đồng ký chậm nhất \(seconds) giây sau thời điểm ghi nhận của nó.",
            en: "Witnesses: each record was cosigned at most \(seconds) s after it says that it was appended.")
    }

    public static func cosignedTooLate(_ log: String, seconds: Int64, secondsMax: Int) -> Sentence {
        Sentence(
            vi: "\(log): có bản ghi được đồng ký sau \(seconds) giây, quá \(secondsMax) giây mà --cosigned-within cho phép.",
            en: "\(log): a record was cosigned only after \(seconds) s, and --cosigned-within asks for \(secondsMax) s.")
    }

    public static func stampedTooLate(_ log: String, seconds: Int64, secondsMax: Int) -> Sentence {
        Sentence(
            vi: "\(log): có bản ghi không được đóng dấu thời gian trong \(secondsMax) giây mà --stamped-within yêu cầu (chậm nhất \(seconds) giây, hoặc không có).",
            en: "\(log): not every record was time-stamped within the \(secondsMax) s that --stamped-within asks for (the latest after \(seconds) s, or never).")
    }

    public static func policyWithoutQuorum(_ file: String) -> Sentence {
        Sentence(
            vi: "\(file): --cosigned-within cần một tệp chính sách có quorum khác none.",
            en: "\(file): --cosigned-within needs a policy file with another quorum than none.")
    }

    public static let unprovenWitnesses = Sentence(
        vi: "có bên nào khác đã thấy nhật ký này hay không; chỉ có chữ ký của chính máy chủ (thiếu --policy).",
        en: "whether anybody else saw this log; the broker's own signature is all that was judged (no --policy).")
    public static let unprovenTime = Sentence(
        vi: "các bản ghi có mặt từ lúc nào theo tổ chức cấp dấu thời gian (thiếu --tsa-ca).",
        en: "since when the records were there by a time-stamp authority's word (no --tsa-ca).")
    public static func unprovenTimeFrom(_ offset: Int64) -> Sentence {
        Sentence(vi: "các bản ghi từ vị trí \(offset) trở đi chưa có dấu thời gian.", en: "the records from offset \(offset) on have no time-stamp.")
    }
    public static let unprovenWriters = Sentence(
        vi: "khóa của bên gửi là của ai (thiếu --authorities).", en: "whose the publishers' keys are (no --authorities).")
    public static let unprovenDeliveries = Sentence(
        vi: "ai đã nhận các bản ghi này; hồ sơ không có sổ giao nhận.",
        en: "who received these records; the case does not have the delivery ledger.")
    public static func documentProven(_ name: String, at time: String, by node: String, record: String) -> Sentence {
        Sentence(
            vi: "\(name): đúng là văn bản mà \(node) đưa vào lúc \(time) (\(record)).",
            en: "\(name): it is what \(node) put there at \(time) (\(record)).")
    }
    public static let unprovenNoDocument = Sentence(
        vi: "hồ sơ không có văn bản này, hoặc không đọc được nó.", en: "the case does not have it, or it cannot be read.")
    public static let unprovenNoRecord = Sentence(
        vi: "không có bản ghi nào của _audit.access trong hồ sơ chứng minh văn bản này; nó chỉ theo lời máy chủ.",
        en: "no record of _audit.access in the case proves it; it is as the broker told it.")
    public static func unprovenNoDigest(_ record: String) -> Sentence {
        Sentence(
            vi: "bản ghi kiểm toán của nó (\(record)) có từ trước và không kèm mã băm SHA-256.",
            en: "its audit record (\(record)) is of before the time when these had a SHA-256.")
    }
    public static func unprovenOtherDocument(_ record: String) -> Sentence {
        Sentence(vi: "bản ghi kiểm toán \(record) nói về một văn bản khác.", en: "the audit record \(record) is of another document.")
    }
    public static let unprovenNoAgreements = Sentence(
        vi: "thỏa thuận nào có hiệu lực; hồ sơ không có thỏa thuận nào.", en: "which agreements were in force; the case has none.")
    public static func unprovenBefore(version: Int64) -> Sentence {
        Sentence(
            vi: "phiên bản \(version) đã có hiệu lực khi bản ghi đầu tiên được ghi nhận.",
            en: "that version \(version) was in force already when the first record was appended.")
    }
    public static func unprovenAfter(version: Int64) -> Sentence {
        Sentence(
            vi: "phiên bản \(version) vẫn còn hiệu lực khi bản ghi cuối cùng được ghi nhận.",
            en: "that version \(version) was still in force when the last record was appended.")
    }
    public static func unprovenManifest(madeAt: String, purpose: String?) -> Sentence {
        let purposeVietnamese = purpose.map { " với mục đích \($0)" } ?? ""
        let purposeEnglish = purpose.map { " for the purpose \($0)" } ?? ""
        return Sentence(
            vi: "hồ sơ được tạo lúc \(madeAt)\(purposeVietnamese), và chủ đề không còn phân vùng nào khác; không ai ký những điều này.",
            en: "that the case was made at \(madeAt)\(purposeEnglish), and that the topic has no other partitions; nobody signs that.")
    }

    public static func caseEmpty(_ file: String) -> Sentence {
        Sentence(vi: "\(file): hồ sơ không có nhật ký nào cần kiểm tra.", en: "\(file): the case has no log to verify.")
    }

    public static func caseCannotContinue(_ log: String, size: Int64) -> Sentence {
        Sentence(
            vi: "\(log): hồ sơ chỉ có một khoảng nên không đối chiếu được với điểm kiểm tra đã lưu (\(size) bút toán); hãy bỏ --saved, hoặc xuất cả nhật ký.",
            en: "\(log): the case has a range only and cannot be held against the saved checkpoint of \(size) entries; leave --saved out, or export the whole log.")
    }

    public static func caseReadMe(topic: String, madeAt: String) -> Sentence {
        Sentence(
            vi: """
                Hồ sơ chứng cứ của chủ đề \(topic), tạo lúc \(madeAt).

                Kiểm chứng, không cần mạng:
                    hanbridge audit verify TỆP-NÀY --log-keys KHÓA
                KHÓA là khóa công khai mà kiểm toán viên đã ghim từ trước; tệp log-keys trong hồ sơ chỉ để tham khảo, vì người làm giả hồ sơ cũng làm giả được nó.

                case.json: hồ sơ có gì và thiếu gì. Mỗi phân vùng một thư mục theo chuẩn C2SP tlog-tiles: checkpoint (điểm kiểm tra đã ký), tile/ (ô băm
                và bút toán), records/ và openings/ (nội dung bản ghi và muối, nếu có), masked/ (bản ghi đã che, nếu có: bút toán không chứng minh nội dung của chúng), writers/ (chứng thư số của bên gửi và danh sách thu hồi lúc
                đó). agreements/ và schemas/ là thỏa thuận và lược đồ; changes.jsonl, nếu có, là các bản ghi kiểm toán chứng minh chúng. ledger/ là sổ giao
                nhận từ trước bản ghi đầu tiên, nguyên vẹn; deliveries.jsonl là những bút toán của sổ liên quan đến các bản ghi này.
                """,
            en: """
                A case file of the topic \(topic), made at \(madeAt).

                To verify it, without a network:
                    hanbridge audit verify THIS-FILE --log-keys KEYS
                KEYS is the public key that the auditor pinned before; log-keys in here is for information only: whoever forges a case forges that too.

                case.json: what is in the case and what is lacking. A folder a partition, as C2SP tlog-tiles lays it out: checkpoint (signed), tile/ (hashes
                and entries), records/ and openings/ (the records' content and their salts, where they are shown), masked/ (masked records, where they are: no entry proves their content), writers/ (publishers' certificates and
                the revocation lists of that time). agreements/ and schemas/ are agreements and schemas; changes.jsonl, where it is there, has the audit's records that prove them. ledger/ is
                the delivery ledger from before the first record on, whole; deliveries.jsonl has those of its entries that concern these records.
                """)
    }
}
