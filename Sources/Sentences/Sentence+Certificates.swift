// Making an authority, and what `hanbridge cert` did.
extension Sentence {
    public static func stateDirectoryNotEmpty(_ directory: String) -> Sentence {
        Sentence(
            vi: "Thư mục \(directory) không trống. Hãy chọn một thư mục mới: không có gì bị ghi đè.",
            en: "\(directory) is not empty. Name a new directory: nothing is overwritten.")
    }

    public static func directoryUnwritable(_ directory: String, why: String) -> Sentence {
        Sentence(vi: "Không tạo được thư mục \(directory): \(why.vietnamese).", en: "The directory \(directory) cannot be made: \(why).")
    }

    public static func stateDirectoryMade(_ directory: String, authority: String) -> Sentence {
        Sentence(
            vi: """
                Đã tạo cơ quan chứng thực “\(authority)” và cấu hình trong \(directory).
                Chạy máy chủ:      hanbridge serve --config \(directory)/broker.yaml
                Hồ sơ quản trị:    export HANBRIDGE_PROFILE=\(directory)/profiles/admin/profile.yaml
                Cấp chứng thư số:  hanbridge cert issue --pki \(directory)/pki --agency … --unit … --node … --out …
                """,
            en: """
                Made the authority “\(authority)” and a configuration in \(directory).
                Run the broker:      hanbridge serve --config \(directory)/broker.yaml
                Administer it:       export HANBRIDGE_PROFILE=\(directory)/profiles/admin/profile.yaml
                Issue certificates:  hanbridge cert issue --pki \(directory)/pki --agency … --unit … --node … --out …
                """)
    }

    public static func keyMadeElsewhere(_ path: String) -> Sentence {
        Sentence(
            vi: "Khóa riêng được tạo ở nơi khác: hãy đặt tệp khóa PEM vào \(path), quyền 0600.",
            en: "The private key was made elsewhere: put its PEM file at \(path), mode 0600.")
    }

    public static func bringListToBroker(_ path: String) -> Sentence {
        Sentence(
            vi: "Danh sách thu hồi mới ở \(path). Nếu máy chủ chạy trên máy khác, hãy chép tệp này sang đó.",
            en: "The new revocation list is \(path). Where the broker runs on another machine, bring the file there.")
    }

    public static func revocationListMended(_ path: String) -> Sentence {
        Sentence(
            vi: "Lệnh trước bị ngắt trước khi ghi danh sách thu hồi; danh sách mới nay đã ở \(path). "
                + "Nếu máy chủ chạy trên máy khác, hãy chép tệp này sang đó.",
            en: "An earlier command was broken off before it wrote the revocation list; the new one is \(path) now. "
                + "Where the broker runs on another machine, bring the file there.")
    }

    /// In words; what is not known here stays as it is.
    public static func certificateStatus(_ word: String) -> Sentence {
        switch word {
        case "valid": Sentence(vi: "còn hiệu lực", en: "valid")
        case "expired": Sentence(vi: "đã hết hạn", en: "expired")
        case "revoked": Sentence(vi: "đã thu hồi", en: "revoked")
        default: .verbatim(word)
        }
    }

    public static let columnSerial = Sentence(vi: "SỐ CHỨNG THƯ", en: "SERIAL")
    public static let columnSubject = Sentence(vi: "CHỦ THỂ", en: "SUBJECT")
    public static let columnRoles = Sentence(vi: "VAI TRÒ", en: "ROLES")
    public static let columnDisplayName = Sentence(vi: "TÊN GỌI", en: "NAME")
    public static let columnValidUntil = Sentence(vi: "HẾT HẠN", en: "VALID UNTIL")
    public static let columnReason = Sentence(vi: "LÝ DO", en: "REASON")
    public static let columnDirectory = Sentence(vi: "THƯ MỤC", en: "DIRECTORY")
    public static let columnFile = Sentence(vi: "TỆP", en: "FILE")
    public static let columnNextUpdate = Sentence(vi: "LẦN CẬP NHẬT KẾ TIẾP", en: "NEXT UPDATE")
}
