extension Help.Usage {
    public static let connectionsRange = Sentence(
        vi: "--connections phải từ 1 đến 100000.",
        en: "--connections must be from 1 to 100000.")
    public static let benchConsumeRange = Sentence(
        vi: "--records, --connections, --fetch-bytes và --record-bytes phải lớn hơn 0.",
        en: "--records, --connections, --fetch-bytes and --record-bytes must be above 0.")
    public static let benchLatencyRange = Sentence(
        vi: "--records, --connections và --partitions phải lớn hơn 0; --acks là 1 hoặc -1.",
        en: "--records, --connections and --partitions must be above 0; --acks is 1 or -1.")
    public static let benchProduceRange = Sentence(
        vi: "--records, --partitions, --connections và --in-flight phải lớn hơn 0; --acks là 0, 1 hoặc -1.",
        en: "--records, --partitions, --connections and --in-flight must be above 0; --acks is 0, 1 or -1.")
    public static let benchMillisecondsRange = Sentence(vi: "--milliseconds phải lớn hơn 0.", en: "--milliseconds must be above 0.")
    public static let serverHasNoNode = Sentence(
        vi: "--host dùng để cấp chứng thư số cho máy chủ: không kèm cơ quan, đơn vị, nút, vai trò, mục đích hay tên gọi.",
        en: "--host makes a server's certificate: it has no agency, unit, node, role, purpose or display name.")
    public static let nodeUnnamed = Sentence(
        vi: "Hãy ghi danh tính của nút: --agency CƠ-QUAN --unit ĐƠN-VỊ --node NÚT (hoặc --host TÊN để cấp cho máy chủ).",
        en: "Name the node: --agency A --unit U --node N (or --host NAME for a server's certificate).")
    public static let recordsAndMasked = Sentence(vi: "--records không đi cùng --masked.", en: "--records does not go with --masked.")
    public static func needs(_ option: String, other: String) -> Sentence {
        Sentence(vi: "\(option) cần đi cùng \(other).", en: "\(option) needs \(other).")
    }
    public static let rulesOfMasked = Sentence(vi: "--rules-of và --as chỉ đi cùng --masked.", en: "--rules-of and --as go with --masked only.")
    public static let maxTooSmall = Sentence(vi: "--max phải ít nhất là 1.", en: "--max must be at least 1.")
    public static let untilEndWithGroup = Sentence(
        vi: "--until-end không dùng cùng --group.",
        en: "--until-end does not go with --group.")
    public static let purposeCharacters = Sentence(
        vi: "Mục đích chỉ gồm a-z, 0-9 và '-'.",
        en: "A purpose is made of a-z, 0-9 and '-'.")
    public static let nothingToAlter = Sentence(
        vi: "Hãy ghi điều cần sửa: --config tên=giá-trị, --delete tên, hoặc --partitions N.",
        en: "Say what to change: --config name=value, --delete name, or --partitions N.")
    public static let schemaUnnamed = Sentence(vi: "Hãy ghi tên đăng ký, hoặc dùng --id.", en: "Name a subject, or give --id.")
    public static let rateTooSmall = Sentence(vi: "--rate phải từ 1 trở lên.", en: "--rate must be 1 or more.")
    public static let verifyNeedsKeys = Sentence(vi: "--verify và --log-keys đi cùng nhau.", en: "--verify and --log-keys go together.")
    public static let rulesOfAlone = Sentence(
        vi: "--rules-of không đi cùng --verify hoặc --raw: bản ghi có thể đã bị che.", en: "--rules-of does not go with --verify or --raw: records may be masked.")
    public static let traceOneOf = Sentence(
        vi: "Hãy chọn một trong hai: --record CHỦ-ĐỀ/PHÂN-VÙNG/VỊ-TRÍ hoặc --node CƠ-QUAN/ĐƠN-VỊ/NÚT.",
        en: "Give one of --record TOPIC/PARTITION/OFFSET and --node AGENCY/UNIT/NODE.")
    public static let receiptRecord = Sentence(
        vi: "--key và --header chỉ dùng cùng --value.", en: "--key and --header go with --value only.")
}
