// Schemas on the command line.
extension Sentence {
    public static func schemaManifestMissing(_ file: String) -> Sentence {
        Sentence(
            vi: "Không đọc được \(file). Tệp này kê tên từng lược đồ, tệp của nó và những gì nó tham chiếu.",
            en: "\(file) cannot be read. It names each subject, its file and what it refers to.")
    }

    public static func schemaTypeUnknown(_ file: String) -> Sentence {
        Sentence(
            vi: "Không biết \(file) là loại lược đồ nào. Hãy đặt đuôi .json, .avsc hoặc .proto, hoặc ghi “type” trong schemas.yaml.",
            en: "What kind of schema is \(file)? Let it end in .json, .avsc or .proto, or give its “type” in schemas.yaml.")
    }

    public static let schemaSubjectMissing = Sentence(
        vi: "Hãy cho biết tên đăng ký của lược đồ bằng --subject.", en: "Say with --subject what the schema is registered as.")

    public static let schemaSubjectOfDirectory = Sentence(
        vi: "Với thư mục, tên đăng ký và tham chiếu nằm trong schemas.yaml; --subject và --reference chỉ dùng cho một tệp.",
        en: "In a directory schemas.yaml names subjects and references; --subject and --reference are for a single file.")

    public static func schemasInvalid(_ count: Int) -> Sentence {
        Sentence(vi: "Có \(count) lược đồ không hợp lệ; chưa đăng ký gì.", en: "\(count) schemas are not valid; nothing was registered.")
    }

    public static func schemaOutcome(_ word: String) -> Sentence {
        switch word {
        case "registered": Sentence(vi: "đã đăng ký", en: "registered")
        case "would-register": Sentence(vi: "sẽ được đăng ký", en: "would be registered")
        case "unchanged": Sentence(vi: "không đổi", en: "unchanged")
        default: .verbatim(word)
        }
    }

    public static let columnSchemaSubject = Sentence(vi: "TÊN ĐĂNG KÝ", en: "SUBJECT")
    public static let columnSchemaType = Sentence(vi: "LOẠI LƯỢC ĐỒ", en: "TYPE")
    public static let columnSchemaID = Sentence(vi: "MÃ LƯỢC ĐỒ", en: "ID")
    public static let columnSchemaError = Sentence(vi: "LỖI", en: "ERROR")
    public static let columnOutcome = Sentence(vi: "KẾT QUẢ", en: "OUTCOME")
    public static let columnDeleted = Sentence(vi: "ĐÃ XÓA", en: "DELETED")
}
