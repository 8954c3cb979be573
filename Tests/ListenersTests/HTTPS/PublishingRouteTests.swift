import Broker
import Identity
import Testing

@testable import Listeners

@Suite(.serialized) struct PublishingRouteTests {
    private func post(
        _ https: RunningHTTPS, _ body: String, as node: IssuedCertificate? = nil, topic: String = "t", query: String = "", headers: [String: String] = ["Content-Type": "application/jsonl"]
    ) async throws -> HTTPExchange? {
        try await https.ask("POST", "/v1/topics/\(topic)/records\(query)", as: try node ?? https.city.node("health/registry/a"), headers: headers, body: body)
    }

    @Test("every record has its answer, in the reader's language")
    func answers() async throws {
        try await withHTTPS { https in
            let headers = ["Content-Type": "application/jsonl; charset=utf-8", "Accept-Language": "vi"]
            let answer = try #require(try await post(https, "a\ncontent\nb", query: "?partition=3", headers: headers))
            #expect(answer.status == 200)
            #expect(answer.json["appended"] as? Int == 2 && answer.json["refused"] as? Int == 1)
            let records = try #require(answer.json["records"] as? [[String: Any]])
            #expect(records[0]["partition"] as? Int == 3 && records[2]["offset"] as? Int == 2)
            #expect(records[1]["status"] as? Int == 422)
            #expect((records[1]["errors"] as? [[String: String]])?.first == ["path": "/a", "rule": "type", "message": "sai"])
        }
    }

    @Test("where none went in the status says why, and the list is in the problem")
    func problems() async throws {
        try await withHTTPS { https in
            for (body, status) in [("content", 422), ("tooLarge", 413), ("topicRule", 409), ("content\ntooLarge", 422), ("content\nunavailable", 503), ("unknown", 503)] {
                let answer = try #require(try await post(https, body))
                #expect(answer.status == status, "\(body)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect((answer.json["records"] as? [Any])?.isEmpty == false)
                #expect((answer.headers["retry-after"] != nil) == (status == 503))
            }
            #expect(try await post(https, "a", topic: "unknown")?.status == 404)
            #expect(try await post(https, "a", topic: "forbidden")?.status == 403)
        }
    }

    @Test("an idempotency key at the limit is taken, with or without quotes; what is none is refused")
    func keys() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a")
            func status(_ key: String) async throws -> Int? {
                try await post(https, "a", as: node, headers: ["Content-Type": "application/jsonl", "Idempotency-Key": key])?.status
            }
            let longest = String(repeating: "k", count: Limits.idempotencyKeyBytesMax)
            for key in ["k", "\"k\"", longest, "\"\(longest)\""] { #expect(try await status(key) == 200) }
            for key in ["\"\"", longest + "k", "a b"] { #expect(try await status(key) == 400) }
        }
    }

    @Test("a body of another kind and numbers that are none are refused")
    func refusals() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a")
            #expect(try await post(https, "a", as: node, headers: ["Content-Type": "application/json-seq"])?.status == 415)
            #expect(try await post(https, "a", as: node, headers: [:])?.status == 415)
            for query in ["?partition=-1", "?partition=x", "?schemaVersion=0"] { #expect(try await post(https, "a", query: query)?.status == 400) }
            #expect(try await post(https, "a", headers: ["Content-Type": "application/jsonl", "Hanbridge-Schema-Id": "x"])?.status == 400)
        }
    }
}
