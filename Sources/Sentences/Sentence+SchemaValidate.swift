// What `hanbridge schema validate` says.
extension Sentence {
    public static func schemaRefused(_ file: String, why: String) -> Sentence {
        Sentence(vi: "\(file): lược đồ không dùng được: \(why)", en: "\(file): the schema cannot be used: \(why)")
    }

    public static func codeListNeeded(_ file: String, list: String) -> Sentence {
        Sentence(
            vi: "\(file): lược đồ dùng danh mục mã \(list). Hãy thêm --codelist \(list)=TỆP.",
            en: "\(file): the schema refers to the code list \(list). Add --codelist \(list)=FILE.")
    }

    public static func codeListNameWrong(_ text: String) -> Sentence {
        Sentence(
            vi: "“\(text)” không phải là tên danh mục mã kèm phiên bản, chẳng hạn wards@3.",
            en: "“\(text)” is not the name of a code list and its version, such as wards@3.")
    }

    public static func pairWrong(_ argument: String) -> Sentence {
        Sentence(vi: "“\(argument)”: cần viết dạng TÊN=TỆP.", en: "“\(argument)”: write NAME=FILE.")
    }

    public static let notHexadecimal = Sentence(
        vi: "Dòng này không gồm từng cặp chữ số thập lục phân.", en: "The line does not consist of pairs of hexadecimal digits.")

    public static func documentVerdict(line: Int, isValid: Bool) -> Sentence {
        isValid
            ? Sentence(vi: "dòng \(line): hợp lệ", en: "line \(line): valid") : Sentence(vi: "dòng \(line): không hợp lệ", en: "line \(line): not valid")
    }

    public static func documentsRefused(_ count: Int) -> Sentence {
        Sentence(
            vi: "Có \(count) tài liệu không hợp lệ theo lược đồ.",
            en: count == 1 ? "One document is not valid under the schema." : "\(count) documents are not valid under the schema.")
    }
}
