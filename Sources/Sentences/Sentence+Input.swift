// What may be wrong with a file of records.
extension Sentence {
    public static func inputRefused(_ file: String, line: Int, why: Sentence) -> Sentence {
        Sentence(vi: "\(file), dòng \(line): \(why.vietnamese)", en: "\(file), line \(line): \(why.english)")
    }

    public static func notJSON(offset: Int) -> Sentence {
        Sentence(
            vi: "Không phải là một tài liệu JSON (sai từ byte \(offset)).", en: "This is not a JSON document (wrong from byte \(offset) on).")
    }

    public static func keyFieldMissing(_ field: String) -> Sentence {
        Sentence(vi: "Bản ghi không có trường “\(field)” để làm khóa.", en: "The record has no field “\(field)” to take the key from.")
    }

    public static func recordTooLong(bytesMax: Int) -> Sentence {
        Sentence(vi: "Bản ghi dài hơn \(bytesMax) byte.", en: "The record is longer than \(bytesMax) bytes.")
    }

    public static let notUTF8 = Sentence(
        vi: "Văn bản không phải UTF-8. Hãy lưu lại tệp với mã UTF-8.", en: "The text is not UTF-8. Save the file as UTF-8.")

    public static let csvStrayCarriageReturn = Sentence(
        vi: "Có ký tự xuống dòng lẻ (CR) giữa hàng.", en: "A carriage return stands alone in a row.")
    public static let csvTextAfterQuote = Sentence(
        vi: "Sau dấu ngoặc kép đóng phải là dấu ngăn cách hoặc hết hàng.", en: "After a closing quote comes a separator or the end of the row.")
    public static let csvQuoteOpen = Sentence(vi: "Dấu ngoặc kép không được đóng.", en: "A quote is not closed.")
    public static let csvQuoteInPlain = Sentence(
        vi: "Ô có dấu ngoặc kép thì phải được bọc trong ngoặc kép.", en: "A cell with a quote inside must be quoted itself.")

    public static func csvTooManyColumns(_ most: Int) -> Sentence {
        Sentence(vi: "Nhiều hơn \(most) cột.", en: "There are more than \(most) columns.")
    }

    public static func csvHeaderName(_ cell: String) -> Sentence {
        Sentence(
            vi: "Tên cột “\(cell)” trống hoặc bị lặp.", en: "The column name “\(cell)” is empty or used twice.")
    }

    public static func csvHeaderKind(_ cell: String) -> Sentence {
        Sentence(
            vi: "Kiểu của cột “\(cell)” phải là string, integer, number hoặc boolean.",
            en: "The kind of column “\(cell)” must be string, integer, number or boolean.")
    }

    public static func csvColumnUnknown(_ name: String, known: [String]) -> Sentence {
        let names = known.joined(separator: ", ")
        return Sentence(
            vi: "Lược đồ của chủ đề không có trường “\(name)”. Các trường của nó: \(names).",
            en: "The topic's schema has no field “\(name)”. Its fields: \(names).")
    }

    public static func csvColumnCount(found: Int, expected: Int) -> Sentence {
        Sentence(vi: "Hàng có \(found) ô nhưng tiêu đề có \(expected) cột.", en: "The row has \(found) cells where the header has \(expected).")
    }

    public static func csvCell(_ column: String, kind: String) -> Sentence {
        Sentence(vi: "Ô ở cột “\(column)” không đúng kiểu \(kind).", en: "The cell in column “\(column)” is no \(kind).")
    }
}
