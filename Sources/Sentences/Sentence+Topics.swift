// Topics and groups: what a command was doing, what it did, and the heads of its tables.
extension Sentence {
    public static func creatingTopic(_ topic: String) -> Sentence { Sentence(vi: "tạo chủ đề \(topic)", en: "creating topic \(topic)") }
    public static let listingTopics = Sentence(vi: "liệt kê chủ đề", en: "listing topics")
    public static func describingTopic(_ topic: String) -> Sentence { Sentence(vi: "xem chủ đề \(topic)", en: "describing topic \(topic)") }
    public static func alteringTopic(_ topic: String) -> Sentence { Sentence(vi: "sửa chủ đề \(topic)", en: "altering topic \(topic)") }
    public static func deletingTopic(_ topic: String) -> Sentence { Sentence(vi: "xóa chủ đề \(topic)", en: "deleting topic \(topic)") }
    public static let listingGroups = Sentence(vi: "liệt kê nhóm nhận", en: "listing groups")
    public static func describingGroup(_ group: String) -> Sentence { Sentence(vi: "xem nhóm nhận \(group)", en: "describing group \(group)") }
    public static func resettingGroup(_ group: String) -> Sentence {
        Sentence(vi: "đặt lại vị trí của nhóm nhận \(group)", en: "resetting group \(group)")
    }

    public static func topicCreated(_ topic: String) -> Sentence { Sentence(vi: "Đã tạo chủ đề \(topic).", en: "Created topic \(topic).") }
    public static func topicThereAlready(_ topic: String) -> Sentence {
        Sentence(vi: "Chủ đề \(topic) đã có sẵn; giữ nguyên như cũ.", en: "Topic \(topic) is there already and stays as it is.")
    }
    public static func topicAltered(_ topic: String) -> Sentence { Sentence(vi: "Đã sửa chủ đề \(topic).", en: "Altered topic \(topic).") }
    public static func topicDeleted(_ topic: String) -> Sentence { Sentence(vi: "Đã xóa chủ đề \(topic).", en: "Deleted topic \(topic).") }

    public static let deletionNeedsYes = Sentence(
        vi: "Xóa chủ đề là không thể hoàn tác: hãy thêm --yes nếu bạn chắc chắn.",
        en: "Deleting a topic cannot be undone: add --yes if you are sure.")

    public static func confirmDeletion(_ topic: String) -> Sentence {
        Sentence(
            vi: "Mọi bản ghi của chủ đề sẽ mất vĩnh viễn. Gõ lại tên “\(topic)” để xóa:",
            en: "All records of the topic will be gone for ever. Type “\(topic)” again to delete it:")
    }

    public static func notDeleted(_ topic: String) -> Sentence { Sentence(vi: "Không xóa chủ đề \(topic).", en: "Topic \(topic) was not deleted.") }

    public static func groupReset(_ group: String) -> Sentence {
        Sentence(vi: "Đã đặt lại vị trí của nhóm nhận \(group).", en: "The offsets of group \(group) were moved.")
    }

    public static func groupUnknown(_ group: String) -> Sentence {
        Sentence(
            vi: "Không có nhóm nhận \(group): chưa có thành viên nào và chưa lưu vị trí nào.",
            en: "There is no group \(group): it has neither members nor committed offsets.")
    }

    public static func partitionUnknown(_ topic: String, _ partition: Int32, count: Int) -> Sentence {
        Sentence(
            vi: "Chủ đề \(topic) không có phân vùng \(partition); các phân vùng là từ 0 đến \(count - 1).",
            en: "Topic \(topic) has no partition \(partition); its partitions are 0 to \(count - 1).")
    }

    public static let groupResetRehearsed = Sentence(
        vi: "Chưa thay đổi gì. Thêm --execute để thực hiện.", en: "Nothing was changed. Add --execute to do it.")
}

extension Sentence {
    /// A group's state by Kafka's word for it; what is not known here stays as it is.
    public static func groupState(_ word: String) -> Sentence {
        switch word {
        case "Empty": Sentence(vi: "không có thành viên", en: word)
        case "Stable": Sentence(vi: "ổn định", en: word)
        case "PreparingRebalance": Sentence(vi: "chờ thành viên tham gia", en: word)
        case "CompletingRebalance": Sentence(vi: "đang chia phân vùng", en: word)
        case "Dead": Sentence(vi: "không còn", en: word)
        default: .verbatim(word)
        }
    }
}

// Partitions that nobody serves.
extension Sentence {
    public static func partitionNotRead(_ partition: String) -> Sentence {
        Sentence(
            vi: "Phân vùng \(partition) đang ngừng phục vụ nên không đọc được bản ghi nào từ đó; các phân vùng khác vẫn được đọc.",
            en: "Partition \(partition) is offline, so nothing is read from it; the other partitions are read.")
    }

    /// In place of the broker that would serve it.
    public static let servedByNobody = Sentence(vi: "ngừng phục vụ", en: "offline")
}

// Heads of columns.
extension Sentence {
    public static let columnTopic = Sentence(vi: "CHỦ ĐỀ", en: "TOPIC")
    public static let columnPartition = Sentence(vi: "PHÂN VÙNG", en: "PARTITION")
    public static let columnPartitions = Sentence(vi: "SỐ PHÂN VÙNG", en: "PARTITIONS")
    public static let columnID = Sentence(vi: "MÃ SỐ", en: "ID")
    public static let columnLeader = Sentence(vi: "MÁY CHỦ", en: "LEADER")
    public static let columnStart = Sentence(vi: "ĐẦU", en: "START")
    public static let columnEnd = Sentence(vi: "CUỐI", en: "END")
    public static let columnRecords = Sentence(vi: "SỐ BẢN GHI", en: "RECORDS")
    public static let columnName = Sentence(vi: "TÊN", en: "NAME")
    public static let columnValue = Sentence(vi: "GIÁ TRỊ", en: "VALUE")
    public static let columnDefault = Sentence(vi: "MẶC ĐỊNH", en: "DEFAULT")
    public static let columnGroup = Sentence(vi: "NHÓM", en: "GROUP")
    public static let columnState = Sentence(vi: "TRẠNG THÁI", en: "STATE")
    public static let columnProtocol = Sentence(vi: "GIAO THỨC", en: "PROTOCOL")
    public static let columnMember = Sentence(vi: "THÀNH VIÊN", en: "MEMBER")
    public static let columnClient = Sentence(vi: "PHẦN MỀM", en: "CLIENT")
    public static let columnHost = Sentence(vi: "MÁY", en: "HOST")
    public static let columnAssignment = Sentence(vi: "ĐƯỢC GIAO", en: "ASSIGNMENT")
    public static let columnCommitted = Sentence(vi: "ĐÃ NHẬN ĐẾN", en: "COMMITTED")
    public static let columnLag = Sentence(vi: "CÒN LẠI", en: "LAG")
    public static let columnNew = Sentence(vi: "VỊ TRÍ MỚI", en: "NEW")
}
