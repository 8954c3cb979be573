import Sentences
import Testing

@Suite("The argument parser's own words")
struct ParserPageTests {
    @Test("a help page's headings and insertions are Vietnamese, and English is left alone")
    func help() {
        let page = """
            OVERVIEW: Tạo một chủ đề.

            USAGE: hanbridge topic create <topic> [--output <output>]

            OPTIONS:
              --output <output>       … (values: table, json; default: table)
              -h, --help              Show help information.
            """
        let translated = ParserPage.text(page, in: .vietnamese)
        #expect(
            translated == """
                GIỚI THIỆU: Tạo một chủ đề.

                CÁCH DÙNG: hanbridge topic create <topic> [--output <output>]

                TÙY CHỌN:
                  --output <output>       … (giá trị: table, json; mặc định: table)
                  -h, --help              Xem trợ giúp.
                """)
        #expect(ParserPage.text(page, in: .english) == page)
    }

    @Test("a default is told in Vietnamese where the page breaks its line in front of it, too")
    func brokenLines() {
        let page = "  --format <format>       Ngôn ngữ của lược đồ. (values: json, avro, protobuf;\n                          default: json)"
        #expect(
            ParserPage.text(page, in: .vietnamese)
                == "  --format <format>       Ngôn ngữ của lược đồ. (giá trị: json, avro, protobuf;\n                          mặc định: json)")
    }

    @Test("an error is told with what it is about, and where to read on")
    func errors() {
        let page = "Error: Unknown option '--x'. Did you mean '--y'?\nUsage: hanbridge topic list\n  See 'hanbridge topic list --help' for more information."
        #expect(
            ParserPage.text(page, in: .vietnamese)
                == "Lỗi: Không có tùy chọn “--x”. Có phải ý bạn là “--y”?\nCách dùng: hanbridge topic list\n  Xem 'hanbridge topic list --help' để biết thêm.")
    }
}
