// Why a node was refused, for those entitled to know it.
extension Sentence {
    public static func noAgreement(action: String, topic: String) -> Sentence {
        Sentence(
            vi: "Không có thỏa thuận nào đang có hiệu lực cho phép “\(action)” trên chủ đề “\(topic)”.",
            en: "No agreement in force allows “\(action)” on topic “\(topic)”.")
    }

    public static func agreementNotYetInForce(id: String) -> Sentence {
        Sentence(vi: "Thỏa thuận \(id) chưa đến ngày có hiệu lực.", en: "Agreement \(id) is not yet in force.")
    }

    public static func agreementEnded(id: String) -> Sentence {
        Sentence(vi: "Thỏa thuận \(id) đã hết hiệu lực.", en: "Agreement \(id) has ended.")
    }

    /// - Parameter roles: one of them is enough.
    public static func roleMissing(_ roles: String...) -> Sentence {
        let named = roles.map { "“\($0)”" }
        return Sentence(
            vi: "Thao tác này cần vai trò \(named.joined(separator: " hoặc ")) trong chứng thư số.",
            en: "This needs the role \(named.joined(separator: " or ")) in the certificate.")
    }

    public static func groupOfAnotherAgency(_ group: String, agency: String) -> Sentence {
        Sentence(
            vi: "Nhóm nhận “\(group)” không thuộc cơ quan “\(agency)”: tên nhóm phải là “\(agency)” hoặc bắt đầu bằng “\(agency).”.",
            en: "Consumer group “\(group)” is not of agency “\(agency)”: its name must be “\(agency)” or begin with “\(agency).”.")
    }

    public static func brokerOwned(topic: String) -> Sentence {
        Sentence(
            vi: "Chủ đề “\(topic)” do chính hệ thống quản lý, không ai được ghi hay xóa.",
            en: "Topic “\(topic)” is the broker's own: nobody writes or deletes there.")
    }
}

// What storage cannot do.
extension Sentence {
    public static let diskFull = Sentence(
        vi: "Đĩa đã đầy nên không nhận thêm bản ghi; dữ liệu đã nhận vẫn an toàn và vẫn đọc được. Hãy giải phóng dung lượng.",
        en: "The disk is full, so no record is taken; what is stored is safe and can be read. Free some space.")

    public static let diskReadOnly = Sentence(
        vi: "Hệ thống tệp không cho ghi; dữ liệu đã nhận vẫn đọc được. Hãy kiểm tra đĩa.",
        en: "The file system takes no writes; what is stored can be read. Check the disk.")

    public static func partitionOffline(_ partition: String, why: String) -> Sentence {
        Sentence(
            vi: "Phân vùng \(partition) đã ngừng phục vụ: \(why.vietnamese).",
            en: "Partition \(partition) is offline: \(why).")
    }
}
