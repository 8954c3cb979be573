// What every command may have to say.
extension Sentence {
    public static let profileMissing = Sentence(
        vi: "Chưa biết bạn là ai: hãy thêm --profile TỆP hoặc đặt biến HANBRIDGE_PROFILE trỏ tới tệp hồ sơ mà “hanbridge cert issue” đã tạo.",
        en: "It is not known who you are: add --profile FILE, or set HANBRIDGE_PROFILE to the profile that “hanbridge cert issue” wrote.")

    public static func profileInvalid(_ file: String, why: String) -> Sentence {
        Sentence(vi: "Tệp hồ sơ \(file) không đúng: \(why.vietnamese).", en: "The profile \(file) is not valid: \(why).")
    }

    /// In a table's cell.
    public static func yesOrNo(_ isSo: Bool) -> Sentence { isSo ? Sentence(vi: "có", en: "yes") : Sentence(vi: "không", en: "no") }

    public static func fileUnreadable(_ file: String) -> Sentence {
        Sentence(
            vi: "Không đọc được tệp \(file). Hãy kiểm tra đường dẫn và quyền truy cập.",
            en: "The file \(file) cannot be read. Check the path and its permissions.")
    }

    public static func fileUnwritable(_ file: String, why: String) -> Sentence {
        Sentence(vi: "Không ghi được tệp \(file): \(why.vietnamese).", en: "The file \(file) cannot be written: \(why).")
    }

    public static func brokerUnreachable(_ address: String, why: String) -> Sentence {
        Sentence(
            vi: "Không kết nối được tới \(address): \(why.vietnamese). Hãy kiểm tra máy chủ đã chạy và địa chỉ trong hồ sơ đã đúng.",
            en: "Cannot reach the broker at \(address): \(why). Check that it runs and that the profile's address is right.")
    }

    public static func notAnAddress(_ text: String) -> Sentence {
        Sentence(vi: "“\(text)” không phải là địa chỉ dạng MÁY:CỔNG.", en: "“\(text)” is not an address of the form HOST:PORT.")
    }

    /// With why, where it is known.
    public static func requestRefused(_ action: Sentence, code: String, why: Sentence?) -> Sentence {
        Sentence(
            vi: "Bị từ chối khi \(action.vietnamese) (\(code))\(why.map { ": \($0.vietnamese)" } ?? "").",
            en: "Refused: \(action.english) (\(code))\(why.map { ": \($0.english)" } ?? "").")
    }

    public static func notBuiltYet(_ feature: String) -> Sentence {
        Sentence(vi: "Bản này chưa có \(feature).", en: "This version does not have \(feature) yet.")
    }
}
