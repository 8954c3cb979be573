import MessageSchema
import Testing

@Suite struct LimitTests {
    @Test("A schema of one byte more than the limit is refused before it is read")
    func textBytes() {
        let text = String(repeating: " ", count: SchemaLimits.textBytesMax + 1)
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(compiling: SchemaSource(format: .json, text: text)) }
        #expect(error?.message.contains("\(SchemaLimits.textBytesMax)") == true)
    }

    @Test("A code list's name is subject@version and nothing else", arguments: ["wards", "@1", "wards@", "wards@0", "wards@-1", "wards@+1", "wards@9999999999"])
    func codeListName(_ text: String) {
        #expect(CodeListName(text) == nil)
        #expect(CodeListName("city@wards@3") == CodeListName(subject: "city@wards", version: 3))
    }
}
