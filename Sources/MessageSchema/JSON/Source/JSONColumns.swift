/// The names of the members that a JSON Schema has properties for, also in schemas that it refers to or is put together of.
struct JSONColumns {
    private var library: SchemaLibrary
    private var found: Set<String> = []
    /// Schemas still looked at: references may lead in circles.
    private var stepsLeft = 10_000

    static func names(in library: SchemaLibrary) -> Set<String> {
        var columns = JSONColumns(library: library)
        columns.collect(SchemaLibrary.Location(text: 0, item: 0, resource: 0), depth: 0)
        return columns.found
    }

    private init(library: SchemaLibrary) { self.library = library }

    private static let depthMax = 16
    private static let combining = ["allOf", "anyOf", "oneOf", "if", "then", "else"]

    private mutating func collect(_ place: SchemaLibrary.Location, depth: Int) {
        guard depth < Self.depthMax, stepsLeft > 0 else { return }
        stepsLeft -= 1
        let text = library.texts[place.text]
        guard text.kind(place.item) == .object else { return }
        if let properties = text.member("properties", of: place.item), text.kind(properties) == .object {
            for (key, _) in text.members(properties) { found.insert(text.string(key)) }
        }
        for keyword in Self.combining {
            guard let value = text.member(keyword, of: place.item) else { continue }
            for item in text.kind(value) == .array ? text.elements(value) : [value] {
                collect(library.location(text: place.text, item: item, within: place.resource), depth: depth + 1)
            }
        }
        if let reference = text.stringMember("$ref", of: place.item), let target = try? library.resolve(reference, from: place.resource) {
            collect(target, depth: depth + 1)
        }
    }
}
