// What `hanbridge schema compare` says.
extension Sentence {
    public static let columnPath = Sentence(vi: "VỊ TRÍ", en: "PATH")
    public static let columnRule = Sentence(vi: "QUY TẮC", en: "RULE")
    public static let columnWhy = Sentence(vi: "VÌ SAO", en: "WHY")

    public static func schemasCompatible(_ level: String) -> Sentence {
        Sentence(
            vi: "Tương thích ở mức \(level): lược đồ có thể là phiên bản kế tiếp.",
            en: "Compatible at \(level): the schema may become the next version.")
    }

    public static func schemasIncompatible(_ count: Int, level: String) -> Sentence {
        Sentence(
            vi: "Không tương thích ở mức \(level): có \(count) chỗ vướng.",
            en: "Not compatible at \(level): \(count == 1 ? "one thing stands" : "\(count) things stand") in the way.")
    }

    public static func compatibilityLevelUnknown(_ text: String, known: String) -> Sentence {
        Sentence(vi: "Không có mức tương thích “\(text)”; có các mức: \(known).", en: "There is no compatibility level “\(text)”; there are \(known).")
    }
}
