// Verifying, diagnosing and backing up.
extension Sentence {
    public static let nothingWrong = Sentence(vi: "Không phát hiện lỗi nào.", en: "Nothing is wrong.")

    public static func problemsFound(_ count: Int) -> Sentence {
        Sentence(vi: "Phát hiện \(count) lỗi.", en: "Problems found: \(count).")
    }

    public static let storeNotThereYet = Sentence(
        vi: "Chưa có kho dữ liệu; lần chạy đầu tiên sẽ tạo.", en: "There is no store yet; the first start makes it.")

    public static func storeNewer(found: Int, known: Int) -> Sentence {
        Sentence(
            vi: "Kho dữ liệu có định dạng \(found), chương trình này chỉ biết đến \(known). Hãy dùng phiên bản Hanbridge mới hơn.",
            en: "The store has format \(found) and this program knows \(known). Use the newer Hanbridge that wrote it.")
    }

    public static func storeRead(partitions: Int, records: Int64) -> Sentence {
        Sentence(
            vi: "Đã đọc hết \(records) bản ghi trong \(partitions) phân vùng.", en: "Read all \(records) records of \(partitions) partitions.")
    }

    public static func doctorCertificate(days: Int, isBroker: Bool) -> Sentence {
        let owner = isBroker ? (vi: "máy chủ", en: "The broker's") : (vi: "bạn", en: "Your")
        guard days >= 0 else {
            return Sentence(
                vi: "Chứng thư số của \(owner.vi) đã hết hạn. Hãy gia hạn bằng “hanbridge cert renew”.",
                en: "\(owner.en) certificate has ended. Renew it with “hanbridge cert renew”.")
        }
        return Sentence(
            vi: "Chứng thư số của \(owner.vi) còn hiệu lực \(days) ngày.", en: "\(owner.en) certificate is valid for \(days) more days.")
    }

    public static func doctorRevocationList(_ authority: String, percentUsed: Int) -> Sentence {
        Sentence(
            vi: "Danh sách thu hồi của \(authority) đã dùng \(percentUsed) % thời hạn; cần bản mới trước 100 %.",
            en: "The revocation list of \(authority) has used \(percentUsed) % of its life; a new one is due before 100 %.")
    }

    public static func doctorDisk(percentFree: Int, gigabytes: Int) -> Sentence {
        Sentence(vi: "Đĩa còn trống \(percentFree) % (\(gigabytes) GB).", en: "The disk has \(percentFree) % free (\(gigabytes) GB).")
    }

    public static func doctorPartitions(_ count: Int) -> Sentence {
        Sentence(vi: "Cả \(count) phân vùng bạn được xem đều hoạt động.", en: "All \(count) partitions that you may see are online.")
    }

    public static func doctorQuarantine(_ quarantine: String, is low: String, ofTopic topic: String, whichIs high: String) -> Sentence {
        Sentence(
            vi: "Chủ đề cách ly \(quarantine) giữ nguyên vẹn các bản ghi của \(topic) (phân loại \(high)) nhưng chỉ được phân loại \(low). "
                + "Hãy đặt hanbridge.classification của \(quarantine) là \(high).",
            en: "The quarantine \(quarantine) keeps whole records of \(topic), which is classified \(high), and is classified \(low) itself. "
                + "Set its hanbridge.classification to \(high).")
    }

    public static func doctorIdleGroup(_ group: String, records: Int64) -> Sentence {
        Sentence(
            vi: "Nhóm \(group) còn \(records) bản ghi chưa nhận nhưng không có thành viên nào đang chạy.",
            en: "Group \(group) has \(records) unread records and no member running.")
    }

    public static func doctorLag(_ group: String, minutes: Int) -> Sentence {
        Sentence(vi: "Nhóm \(group) đang chậm \(minutes) phút.", en: "Group \(group) is \(minutes) minutes behind.")
    }

    public static let backupRunning = Sentence(
        vi: "Một bản sao lưu khác đang được tạo. Hãy đợi cho xong.", en: "Another backup is being made. Wait until it is done.")

    public static func backupHasNoRoom(_ directory: String) -> Sentence {
        Sentence(
            vi: "Không đủ dung lượng để sao lưu vào \(directory) mà vẫn giữ phần dự trữ của hệ thống. "
                + "Hãy đặt “backup.directory” trên một đĩa khác còn trống.",
            en: "There is no room for a copy in \(directory) beside the reserve that the broker keeps. "
                + "Set “backup.directory” to another disk with space.")
    }

    public static func backupLeftOver(_ directory: String, after why: Sentence) -> Sentence {
        Sentence(
            vi: "\(why.vietnamese) Phần đã chép dở còn lại trong \(directory); hãy xóa thư mục này.",
            en: "\(why.english) What was copied is left in \(directory); remove it.")
    }

    public static func backupCreated(_ directory: String, partitions: Int, bytes: Int64) -> Sentence {
        Sentence(
            vi: "Đã sao lưu \(partitions) phân vùng (\(bytes) byte) vào \(directory) trên máy chủ. Hãy chép sang một đĩa khác.",
            en: "Backed up \(partitions) partitions (\(bytes) bytes) to \(directory) on the broker's machine. Bring it to another disk.")
    }

    public static func notABackup(_ directory: String) -> Sentence {
        Sentence(
            vi: "\(directory) không phải là một bản sao lưu trọn vẹn (thiếu backup.json).",
            en: "\(directory) is not a whole backup: it has no backup.json.")
    }

    public static func backupNewer(_ directory: String) -> Sentence {
        Sentence(
            vi: "\(directory) do một phiên bản Hanbridge mới hơn tạo ra. Hãy nâng cấp trước.",
            en: "\(directory) was made by a newer Hanbridge. Update this one first.")
    }

    public static func backupDataElsewhere(_ path: String) -> Sentence {
        Sentence(
            vi: "broker.yaml của bản sao lưu đặt dữ liệu ở \(path), ngoài thư mục khôi phục. Hãy sửa “data” thành đường dẫn tương đối.",
            en: "The backup's broker.yaml keeps its data in \(path), outside the directory restored to. Make “data” a relative path.")
    }

    public static func backupRestored(_ directory: String) -> Sentence {
        Sentence(
            vi: "Đã khôi phục vào \(directory). Kiểm tra: hanbridge check --config \(directory)/broker.yaml",
            en: "Restored to \(directory). Verify it: hanbridge check --config \(directory)/broker.yaml")
    }
}
