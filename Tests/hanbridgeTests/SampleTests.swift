import Foundation
import RecordText
import Testing

@testable import hanbridge

@Suite("Samples")
struct SampleTests {
    @Test("the same type, seed and index make the same record, another seed another one", arguments: SampleKind.allCases)
    func deterministic(kind: SampleKind) {
        for index in [0, 1, 999] { #expect(kind.record(index, seed: 3) == kind.record(index, seed: 3)) }
        #expect(kind.record(5, seed: 3) != kind.record(5, seed: 4))
    }

    @Test("every sample is one JSON document in NFC with the required fields of its schema", arguments: SampleKind.allCases)
    func valid(kind: SampleKind) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Schemas/\(kind.rawValue)/schema.json"))
        let schema = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        let required = try #require(schema["required"] as? [String])
        for index in 0..<200 {
            let text = kind.record(index, seed: 1).description
            #expect(text.utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8))
            let record = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(Set(record.keys).isSubset(of: properties.keys), "\(text)")
            #expect(Set(required).isSubset(of: record.keys), "\(text)")
            for (name, value) in record { try check(value, properties[name] ?? [:], "\(name) of \(text)") }
        }
    }

    /// The rules of the shipped schemas that a generator could break.
    private func check(_ value: Any, _ rule: [String: Any], _ place: String) throws {
        if let choices = rule["enum"] as? [String] { #expect(choices.contains(value as? String ?? ""), "\(place)") }
        if let pattern = rule["pattern"] as? String, let text = value as? String {
            #expect(try Regex(pattern).wholeMatch(in: text) != nil, "\(place)")
        }
        if let number = value as? NSNumber {
            if let least = rule["minimum"] as? NSNumber { #expect(number.doubleValue >= least.doubleValue, "\(place)") }
            if let most = rule["maximum"] as? NSNumber { #expect(number.doubleValue <= most.doubleValue, "\(place)") }
        }
        if rule["format"] as? String == "date-time", let text = value as? String {
            #expect((try? Date(text, strategy: .iso8601)) != nil, "\(place)")
        }
    }

    @Test("a benchmark's document has exactly the size asked for and is JSON, from the least size on")
    func payload() {
        for size in [BenchPayload.sizeMin, 21, 22, 50, 99, 100, 255, 1000, 1001, 4096] {
            for index in 0..<20 {
                let document = BenchPayload.document(index, size: size)
                #expect(document.count == size)
                #expect(JSONScanner.isDocument(document), "size \(size): \(String(decoding: document, as: UTF8.self))")
            }
        }
    }
}
