/// The schemas of JSON Schema itself, for schemas that refer to them.
enum Metaschema {
    static func text(of uri: String) -> String? {
        switch uri {
        case "https://json-schema.org/draft/2020-12/schema": draft2020
        case "https://json-schema.org/draft/2020-12/meta/applicator": draft2020Applicator
        case "https://json-schema.org/draft/2020-12/meta/content": draft2020Content
        case "https://json-schema.org/draft/2020-12/meta/core": draft2020Core
        case "https://json-schema.org/draft/2020-12/meta/format-annotation": draft2020FormatAnnotation
        case "https://json-schema.org/draft/2020-12/meta/format-assertion": draft2020FormatAssertion
        case "https://json-schema.org/draft/2020-12/meta/meta-data": draft2020MetaData
        case "https://json-schema.org/draft/2020-12/meta/unevaluated": draft2020Unevaluated
        case "https://json-schema.org/draft/2020-12/meta/validation": draft2020Validation
        case "https://json-schema.org/draft/2019-09/schema": draft2019
        case "https://json-schema.org/draft/2019-09/meta/applicator": draft2019Applicator
        case "https://json-schema.org/draft/2019-09/meta/content": draft2019Content
        case "https://json-schema.org/draft/2019-09/meta/core": draft2019Core
        case "https://json-schema.org/draft/2019-09/meta/format": draft2019Format
        case "https://json-schema.org/draft/2019-09/meta/meta-data": draft2019MetaData
        case "https://json-schema.org/draft/2019-09/meta/validation": draft2019Validation
        case "http://json-schema.org/draft-07/schema": draft7
        default: nil
        }
    }
}
