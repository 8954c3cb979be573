/// The files that every `.proto` may import without a reference to a registered schema.
enum ProtoBuiltIns {
    static let descriptorPath = "google/protobuf/descriptor.proto"

    /// Every schema needs it, so it is parsed once.
    static let descriptorFile = try? ProtoParser.file(named: descriptorPath, text: descriptor[descriptorPath] ?? "")

    static func text(of path: String) -> String? {
        for files in [descriptor, wellKnown, hanbridge, confluent, googleTypes] {
            if let text = files[path] { return text }
        }
        return nil
    }

    /// What the keywords `x-personal`, `x-sensitivity` and `x-codelist` of JSON Schema are in Protobuf. The numbers are of the range
    /// that Protobuf leaves to organisations (50000 to 99999) and never change.
    static let hanbridge: [String: String] = [
        "hanbridge/options.proto": """
            syntax = "proto3";
            package hanbridge;
            import "google/protobuf/descriptor.proto";
            extend google.protobuf.FieldOptions {
              // The field is about a person.
              bool personal = 58401;
              // How harmful a leak would be, in the schema's own words, such as "high".
              string sensitivity = 58402;
              // The list that the field's values are codes of, with its version: "wards@3".
              string codelist = 58403;
            }
            """
    ]
}
