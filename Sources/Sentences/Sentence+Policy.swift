// Agreements on the command line.
extension Sentence {
    public static func noAgreementFiles(_ directory: String) -> Sentence {
        Sentence(vi: "Không có tệp .yaml nào trong \(directory).", en: "There is no .yaml file in \(directory).")
    }

    public static func fileNamedTwice(_ name: String) -> Sentence {
        Sentence(vi: "Có hai tệp cùng tên \(name).", en: "Two files are named \(name).")
    }

    public static func fileTooLong(_ path: String, bytesMax: Int) -> Sentence {
        Sentence(vi: "Tệp \(path) dài hơn \(bytesMax) byte.", en: "\(path) has more than \(bytesMax) bytes.")
    }

    public static func fileNotUTF8(_ path: String) -> Sentence {
        Sentence(
            vi: "Tệp \(path) không phải là văn bản UTF-8; có thể tệp bị cắt hoặc bị hỏng.",
            en: "\(path) is not text in UTF-8; it may be cut off or damaged.")
    }

    public static func directoryChanging(_ path: String) -> Sentence {
        Sentence(
            vi: "Các tệp trong \(path) thay đổi trong khi đang đọc.", en: "The files in \(path) change while they are read.")
    }

    public static func fileNotWritten(_ path: String, why: String) -> Sentence {
        Sentence(vi: "Không ghi được tệp \(path): \(why).", en: "\(path) cannot be written: \(why).")
    }

    public static func noSuchAgreement(_ id: String) -> Sentence {
        Sentence(vi: "Các tệp này không có thỏa thuận \(id).", en: "These files have no agreement \(id).")
    }

    public static let signerNameNeeded = Sentence(
        vi: "Chứng thư này không mang tên cơ-quan/đơn-vị/nút; hãy thêm --as với tên mà máy chủ dùng cho nó.",
        en: "This certificate does not carry agency/unit/node; add --as with the name that the broker has for it.")

    public static func signerNotSteward(_ node: String) -> Sentence {
        Sentence(
            vi: "\(node) không có vai trò steward nên chữ ký sẽ không có giá trị.", en: "\(node) is not a steward, so its signature would not count.")
    }

    public static func signerStrange(_ node: String, _ agreement: String, agencies: [String]) -> Sentence {
        let list = agencies.joined(separator: ", ")
        return Sentence(
            vi: "\(node) không thuộc cơ quan nào của thỏa thuận \(agreement); steward của các cơ quan này ký được: \(list).",
            en: "\(node) belongs to no agency of agreement \(agreement); stewards of these sign it: \(list).")
    }

    public static func agreementSigned(_ id: String, by signer: String, file: String) -> Sentence {
        Sentence(
            vi: "\(signer) đã ký thỏa thuận \(id): \(file).", en: "\(signer) has signed agreement \(id): \(file).")
    }

    public static func signaturesMissing(_ signers: [String]) -> Sentence {
        let list = signers.joined(separator: ", ")
        return Sentence(vi: "Còn thiếu chữ ký của \(list).", en: "Still to sign: \(list).")
    }

    public static func agreementsInvalid(_ count: Int) -> Sentence {
        Sentence(vi: "Có \(count) lỗi; bộ thỏa thuận không được chấp nhận.", en: "\(count) mistakes; the agreements are not accepted.")
    }

    /// - Parameter findings: what is worth a look all the same.
    public static func agreementsValid(_ count: Int, findings: Int) -> Sentence {
        findings == 0
            ? Sentence(vi: "Hợp lệ: \(count) thỏa thuận.", en: "Valid: \(count) agreements.")
            : Sentence(
                vi: "Hợp lệ: \(count) thỏa thuận; \(findings) điểm cần xem lại, ghi ở trên.", en: "Valid: \(count) agreements; to be looked at: \(findings), named above.")
    }

    public static func agreementsApplied(_ count: Int, version: String) -> Sentence {
        Sentence(
            vi: "Đã áp dụng \(count) thỏa thuận (phiên bản \(version)).", en: "\(count) agreements are in force (version \(version)).")
    }

    public static func purposeNeeded(_ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Thỏa thuận cho bạn đọc \(topic) với nhiều mục đích nên phải khai báo một mục đích: \(list). Hãy thêm --purpose, hoặc ghi “purpose” vào hồ sơ.",
            en: "Your agreements let you read \(topic) for several purposes, so one must be declared: \(list). Add --purpose, or “purpose” to the profile.")
    }

    public static func purposeHeaderNeeded(_ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Thỏa thuận cho bạn đọc \(topic) với nhiều mục đích nên phải khai báo một mục đích trong Hanbridge-Purpose: \(list).",
            en: "Your agreements let you read \(topic) for several purposes, so one must be declared in Hanbridge-Purpose: \(list).")
    }

    public static func purposeHeaderUnreadable(purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Hanbridge-Purpose phải là một mã mục đích gồm a-z, 0-9 và '-'. Các mục đích được phép: \(list).",
            en: "Hanbridge-Purpose must be one purpose's id, of a-z, 0-9 and '-'. The purposes that you may declare: \(list).")
    }

    public static func purposeNotAgreed(_ purpose: String, _ topic: String, purposes: [String]) -> Sentence {
        let list = purposes.joined(separator: ", ")
        return Sentence(
            vi: "Không có thỏa thuận đang có hiệu lực nào cho bạn đọc \(topic) với mục đích “\(purpose)”. Các mục đích được phép: \(list).",
            en: "No agreement in force lets you read \(topic) for “\(purpose)”. The purposes that you may declare: \(list).")
    }

    /// In words; what is not known here stays as it is.
    public static func standing(_ word: String) -> Sentence {
        switch word {
        case "inForce": Sentence(vi: "đang có hiệu lực", en: "in force")
        case "pending": Sentence(vi: "chưa có hiệu lực", en: "not yet in force")
        case "ended": Sentence(vi: "đã hết hiệu lực", en: "ended")
        default: .verbatim(word)
        }
    }

    public static func agreementEnded(_ id: String, version: String) -> Sentence {
        Sentence(
            vi: "Thỏa thuận \(id) đã chấm dứt từ lúc này (phiên bản \(version)). Hãy ghi “until” vào tệp trong git cho khớp.",
            en: "Agreement \(id) has ended now (version \(version)). Write an “until” into the file in git, too.")
    }

    public static let emergencyFileOrID = Sentence(
        vi: "Hãy ghi tệp thỏa thuận khẩn cấp, hoặc --confirm với mã mà người khác đã yêu cầu, không ghi cả hai.",
        en: "Name the file of the emergency, or --confirm with the id that another person asked for, not both.")

    public static func doctorEmergencies(_ count: Int) -> Sentence {
        Sentence(
            vi: "Đang mở \(count) quyền truy cập khẩn cấp; “hanbridge policy list” cho biết đến khi nào.",
            en: "\(count == 1 ? "One emergency access is" : "\(count) emergency accesses are") open; “hanbridge policy list” says until when.")
    }

    public static let noEmergencyWaits = Sentence(
        vi: "Không có yêu cầu khẩn cấp nào đang chờ người thứ hai xác nhận.", en: "No emergency waits for a second person.")

    public static func emergencyWaits(_ id: String, by asker: String, confirmBy: String) -> Sentence {
        Sentence(
            vi: "\(id): \(asker) yêu cầu; một người khác xác nhận trước \(confirmBy). Nội dung sẽ mở:",
            en: "\(id): asked for by \(asker), to be confirmed by another person before \(confirmBy). It would open:")
    }

    public static func emergencyAsked(_ id: String, confirmBy: String) -> Sentence {
        Sentence(
            vi: "Đã ghi yêu cầu \(id). Chưa mở gì: một người khác phải xác nhận trước \(confirmBy) bằng policy break-glass --confirm \(id).",
            en: "\(id) is asked for. Nothing is open yet: another person confirms it before \(confirmBy) with policy break-glass --confirm \(id).")
    }

    public static func emergencyOpen(_ id: String, version: Int64) -> Sentence {
        Sentence(
            vi: "Quyền truy cập khẩn cấp \(id) đã mở (phiên bản \(version)) và đã được ghi lại.",
            en: "Emergency access \(id) is open (version \(version)), and written down.")
    }

    // What `policy request` writes.

    public static func notAPurpose(_ text: String) -> Sentence {
        Sentence(
            vi: "“\(text)” không phải là mã mục đích: chỉ gồm a-z, 0-9 và '-'.", en: "“\(text)” is no purpose's id: a-z, 0-9 and '-'.")
    }

    public static func draftOf(_ topic: String) -> Sentence {
        Sentence(
            vi: "Dự thảo thỏa thuận chia sẻ dữ liệu của chủ đề \(topic).", en: "Draft of an agreement to share the records of \(topic).")
    }

    public static let draftToComplete = Sentence(
        vi: "Hãy điền những chỗ còn trống, để steward hai bên ký (hanbridge policy sign), rồi đưa vào hiệu lực (hanbridge policy apply).",
        en: "Complete what is empty, have the stewards of both sides sign it (hanbridge policy sign), then apply it (hanbridge policy apply).")

    public static func taggedFields(_ paths: [String]) -> Sentence {
        let list = paths.joined(separator: ", ")
        return Sentence(
            vi: "Trường cá nhân hoặc nhạy cảm: \(list). Chỉ xin những gì mục đích cần.",
            en: "Personal or sensitive fields: \(list). Ask only for what the purpose needs.")
    }

    // What `policy rehearse` says.

    public static func wouldLose(_ nodes: String, _ reading: String, why: Sentence) -> Sentence {
        Sentence(
            vi: "\(nodes) sẽ mất quyền đọc \(reading). \(why.text(in: .vietnamese))",
            en: "\(nodes) would lose \(reading). \(why.text(in: .english))")
    }

    public static func wouldGain(_ nodes: String, _ reading: String, by rule: String) -> Sentence {
        Sentence(vi: "\(nodes) sẽ được đọc \(reading) theo \(rule).", en: "\(nodes) would gain \(reading), by \(rule).")
    }

    /// - Parameters:
    ///   - before: `hidden`, `clear`, or a mask.
    ///   - reading: the topic, and in which way it is read.
    public static func wouldSee(_ nodes: String, _ field: String, before: String, after: String, _ reading: String) -> Sentence {
        let (vi, en) = field == "*" ? ("mọi trường không được nêu tên", "every field that is not named") : ("“\(field)”", "“\(field)”")
        switch (before, after) {
        case (_, "hidden"):
            return Sentence(vi: "\(nodes) sẽ mất \(vi) của \(reading).", en: "\(nodes) would lose \(en) of \(reading).")
        case (_, "clear"):
            return Sentence(vi: "\(nodes) sẽ thấy rõ \(vi) của \(reading).", en: "\(nodes) would see \(en) of \(reading) as it is.")
        default:
            return Sentence(
                vi: "\(nodes) sẽ thấy \(vi) của \(reading) chỉ ở dạng \(after).", en: "\(nodes) would see \(en) of \(reading) only as \(after).")
        }
    }

    /// - Parameter conditions: any of which rows must meet; none for every row.
    public static func wouldSeeRows(_ nodes: String, _ reading: String, only conditions: [String]) -> Sentence {
        guard !conditions.isEmpty else {
            return Sentence(vi: "\(nodes) sẽ thấy mọi bản ghi của \(reading).", en: "\(nodes) would see every record of \(reading).")
        }
        return Sentence(
            vi: "\(nodes) sẽ chỉ thấy bản ghi của \(reading) có \(conditions.joined(separator: " hoặc ")).",
            en: "\(nodes) would see records of \(reading) only with \(conditions.joined(separator: " or ")).")
    }

    public static let nothingWouldChange = Sentence(
        vi: "Không ai đang đọc hoặc đã đọc gần đây bị ảnh hưởng.", en: "Nothing would change for anybody who reads or has read lately.")

    public static func agreementsUnused(_ ids: [String]) -> Sentence {
        let list = ids.joined(separator: ", ")
        return Sentence(vi: "Không ai đọc theo các thỏa thuận này: \(list).", en: "Nobody reads by these agreements: \(list).")
    }

    public static func rehearsed(_ accesses: Int, since: String, version: Int64) -> Sentence {
        Sentence(
            vi: "Đã đối chiếu \(accesses) cách đọc thực tế từ \(since) với phiên bản \(version); không có gì thay đổi.",
            en: "Held against \(accesses == 1 ? "one way" : "\(accesses) ways") of reading since \(since) and version \(version); nothing was changed.")
    }

    public static let rehearsalCut = Sentence(
        vi: "Có nhiều lượt truy cập hơn mức xem xét được; chỉ đối chiếu phần mới nhất.",
        en: "There were more accesses than are looked at; only the newest were.")

    public static let explanationsAreFor = Sentence(
        vi: "Chỉ giải thích cho vai trò operator, auditor, và steward của cơ quan chủ quản chủ đề hoặc của cơ quan có nút được hỏi.",
        en: "Explanations are for operators, auditors, and stewards of the agency that owns the topic or that the node belongs to.")

    public static func versionUnreadable(_ version: Int64, why: String) -> Sentence {
        Sentence(
            vi: "Phiên bản \(version) của bộ thỏa thuận có hiệu lực lúc đó không còn đọc được: \(why.vietnamese).",
            en: "Version \(version) of the agreements, in force at that time, cannot be read any more: \(why).")
    }

    // What `policy explain` says.

    public static func mayDo(_ node: String, _ right: String, _ topic: String) -> Sentence {
        Sentence(vi: "ĐƯỢC: \(node) được \(right) \(topic).", en: "YES: \(node) may \(right) \(topic).")
    }

    public static func mayNotDo(_ node: String, _ right: String, _ topic: String) -> Sentence {
        Sentence(vi: "KHÔNG: \(node) không được \(right) \(topic).", en: "NO: \(node) may not \(right) \(topic).")
    }

    /// - Parameter reason: the audit's word.
    public static func decidedBy(_ reason: String) -> Sentence {
        let parts = reason.split(separator: ":", maxSplits: 1).map(String.init)
        let what = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "agreement" where what.contains("/"):
            let rules = what.split(separator: "/").map(String.init)
            return Sentence(
                vi: "Do quy tắc \(rules[0]) cho phép, ủy quyền lại theo \(rules[rules.count - 1]).",
                en: "Rule \(rules[0]) allows it, which hands on what \(rules[rules.count - 1]) gives its agency.")
        case "agreement": return Sentence(vi: "Do quy tắc \(what) cho phép.", en: "Rule \(what) allows it.")
        case "role": return Sentence(vi: "Do vai trò \(what) cho phép.", en: "The role \(what) allows it.")
        case "own-group": return Sentence(vi: "Nhóm nhận này là của cơ quan của nút.", en: "The group is its own agency's.")
        case "own-agency": return Sentence(vi: "Thuộc về cơ quan của nút.", en: "It belongs to its own agency.")
        case "everyone": return Sentence(vi: "Mọi nút đều được.", en: "Every node may.")
        case "no-agreement":
            return Sentence(vi: "Không có thỏa thuận nào cho quyền này.", en: "No agreement gives this right.")
        case "agreement-not-yet-in-force":
            return Sentence(vi: "Thỏa thuận \(what) chưa có hiệu lực.", en: "Agreement \(what) is not yet in force.")
        case "agreement-ended": return Sentence(vi: "Thỏa thuận \(what) đã hết hiệu lực.", en: "Agreement \(what) has ended.")
        case "denied": return Sentence(vi: "Bị quy tắc \(what) cấm.", en: "Rule \(what) denies it.")
        case "purpose-not-declared":
            return Sentence(
                vi: "Phải khai báo một trong các mục đích mà thỏa thuận cho phép.", en: "One of the purposes that its agreements name must be declared.")
        case "purpose-not-agreed":
            return Sentence(vi: "Thỏa thuận chỉ cho phép mục đích khác.", en: "Its agreements are for other purposes.")
        case "purpose-unreadable":
            return Sentence(vi: "Mục đích khai báo không phải là một mã hợp lệ.", en: "What it declares is not a purpose's id.")
        case "role-missing": return Sentence(vi: "Thiếu vai trò \(what).", en: "The role \(what) is missing.")
        case "group-of-another-agency":
            return Sentence(vi: "Nhóm nhận này là của cơ quan khác.", en: "The group belongs to another agency.")
        case "broker-owned": return Sentence(vi: "Chủ đề này là của riêng máy chủ.", en: "The topic is the broker's own.")
        default: return .verbatim(reason)
        }
    }

    public static func readFor(_ purpose: String, isImplied: Bool) -> Sentence {
        isImplied
            ? Sentence(vi: "Mục đích: \(purpose) (mặc nhiên, vì thỏa thuận chỉ có mục đích này).", en: "Purpose: \(purpose) (implied: its agreements name no other).")
            : Sentence(vi: "Mục đích: \(purpose).", en: "Purpose: \(purpose).")
    }

    public static func decidedAt(_ time: String, version: Int64) -> Sentence {
        guard version > 0 else {
            return Sentence(vi: "Lúc \(time) chưa có bộ thỏa thuận nào được áp dụng.", en: "At \(time) no agreements had been applied yet.")
        }
        return Sentence(
            vi: "Theo bộ thỏa thuận phiên bản \(version), có hiệu lực lúc \(time).", en: "By version \(version) of the agreements, in force at \(time).")
    }

    public static func decidedUntil(_ time: String) -> Sentence {
        Sentence(vi: "Có thể thay đổi từ \(time).", en: "This may change at \(time).")
    }

    public static func whomToAsk(owners: [String], stewards: [String]) -> Sentence {
        let (agencies, people) = (owners.joined(separator: ", "), stewards.joined(separator: ", "))
        guard !stewards.isEmpty else {
            return Sentence(vi: "Hãy hỏi cơ quan chủ quản: \(agencies).", en: "Ask the agency that owns the data: \(agencies).")
        }
        return Sentence(
            vi: "Hãy hỏi cơ quan chủ quản \(agencies), người ký thỏa thuận: \(people).",
            en: "Ask the agency that owns the data, \(agencies); its agreements are signed by \(people).")
    }

    /// In words; what is not known here stays as it is.
    public static func verdict(_ word: String) -> Sentence {
        switch word {
        case "allows": Sentence(vi: "cho phép", en: "allows it")
        case "denies": Sentence(vi: "cấm", en: "denies it")
        case "pending": Sentence(vi: "chưa có hiệu lực", en: "not yet in force")
        case "ended": Sentence(vi: "đã hết hiệu lực", en: "ended")
        case "otherPurpose": Sentence(vi: "cho mục đích khác", en: "for other purposes")
        case "nothingHandedOn": Sentence(vi: "bên ủy quyền không còn quyền này", en: "its source gives nothing of it")
        case "otherRight": Sentence(vi: "về quyền khác", en: "about other rights")
        case "otherNode": Sentence(vi: "về nút khác", en: "about other nodes")
        default: .verbatim(word)
        }
    }

    public static func quotasChanged(_ entity: String) -> Sentence {
        Sentence(vi: "Đã thay đổi hạn mức của \(entity).", en: "The quotas of \(entity) are changed.")
    }
    public static let columnEntity = Sentence(vi: "CỦA", en: "OF")
    public static let columnQuota = Sentence(vi: "HẠN MỨC", en: "QUOTA")
    public static let columnNode = Sentence(vi: "NÚT", en: "NODE")
    public static let columnVerdict = Sentence(vi: "KẾT LUẬN", en: "VERDICT")
    public static let columnAppliedAt = Sentence(vi: "ÁP DỤNG LÚC", en: "APPLIED AT")
    public static let columnAppliedBy = Sentence(vi: "NGƯỜI ÁP DỤNG", en: "APPLIED BY")
    public static let columnAgreement = Sentence(vi: "THỎA THUẬN", en: "AGREEMENT")
    public static let columnOwner = Sentence(vi: "CHỦ QUẢN", en: "OWNER")
    public static let columnSigned = Sentence(vi: "ĐÃ KÝ", en: "SIGNED BY")
    public static let columnUnsigned = Sentence(vi: "CHƯA KÝ", en: "NOT YET BY")
    public static let columnDelegates = Sentence(vi: "ỦY QUYỀN TỪ", en: "HANDS ON")
    public static let columnFrom = Sentence(vi: "TỪ NGÀY", en: "FROM")
    public static let columnUntil = Sentence(vi: "ĐẾN NGÀY", en: "UNTIL")
    public static let columnVersion = Sentence(vi: "PHIÊN BẢN", en: "VERSION")
    public static let columnStanding = Sentence(vi: "HIỆU LỰC", en: "STANDING")
}
