import AccessPolicy
import Broker
import Foundation
import Hummingbird
import NIOCore
import Sentences
import Storage

/// The routes of administration. They translate; the broker decides.
struct AdministrationRoutes: Sendable {
    private let broker: any Administering

    init(_ broker: any Administering) { self.broker = broker }

    var all: [Route] {
        [whoAmI] + topics + groups + agreements + holds + [reopenLog, reopenJournal, end, rehearse, askEmergency, emergencies, confirmEmergency, explain, quotas, alterQuotas, backUp]
    }

    private var whoAmI: Route {
        Route(method: .get, template: "/v1/whoami", summary: "Who the broker takes you for", statuses: [(200, "Your identity and roles")]) {
            call in
            let identity = call.peer.identity
            return Route.Answer(
                body: jsonBytes(
                    WhoAmIDocument(
                        authority: identity.authority, agency: identity.agency, unit: identity.unit, node: identity.node,
                        displayName: identity.displayName, principal: identity.principal,
                        roles: identity.roles.sorted().map(\.rawValue),
                        certificateFingerprint: hex(call.peer.certificateFingerprint.bytes), remoteAddress: call.peer.remoteAddress)))
        }
    }

    private var topics: [Route] {
        [
            Route(method: .get, template: "/v1/topics", summary: "The topics that you may describe", statuses: [(200, "Topics by name")]) {
                Route.Answer(body: jsonBytes(TopicsDocument(topics: try await broker.topics(for: $0.peer))))
            },
            Route(
                method: .get, template: "/v1/topics/{topic}", summary: "One topic: partitions, bounds, configuration, what you may read it for",
                headers: [Route.purposeHeader],
                statuses: [(200, "The topic"), (404, "No such topic, or you may not describe it")]
            ) {
                Route.Answer(body: jsonBytes(try await broker.topic($0.parameters["topic"] ?? "", purpose: $0.purpose, for: $0.peer)))
            },
        ]
    }

    private var groups: [Route] {
        [
            Route(
                method: .get, template: "/v1/groups", summary: "The consumer groups that you may describe",
                statuses: [(200, "Groups by id")]
            ) {
                Route.Answer(body: jsonBytes(GroupsDocument(groups: try await broker.groups(for: $0.peer))))
            },
            Route(
                method: .get, template: "/v1/groups/{group}", summary: "One consumer group: members, offsets, lag",
                statuses: [(200, "The group"), (404, "No such group, or you may not describe it")]
            ) {
                Route.Answer(body: jsonBytes(try await broker.group($0.parameters["group"] ?? "", for: $0.peer)))
            },
        ]
    }

    private var agreements: [Route] {
        [
            Route(
                method: .get, template: "/v1/agreements", summary: "The agreements in force, as they were written",
                statuses: [(200, "Version and files"), (403, "You may not see them")]
            ) {
                Route.Answer(body: jsonBytes(try await broker.agreements(version: nil, for: $0.peer)))
            },
            Route(
                method: .get, template: "/v1/agreements/versions", summary: "Every applied version, newest first",
                statuses: [(200, "Versions"), (403, "You may not see them")]
            ) {
                Route.Answer(body: jsonBytes(AgreementVersionsDocument(versions: try await broker.agreementVersions(for: $0.peer))))
            },
            Route(
                method: .get, template: "/v1/agreements/versions/{version}", summary: "One version with its files",
                statuses: [(200, "Version and files"), (403, "You may not see it"), (404, "No such version")]
            ) {
                let text = $0.parameters["version"] ?? ""
                guard let version = Int64(text), version > 0 else { throw Problem.notFound(text) }
                return Route.Answer(body: jsonBytes(try await broker.agreements(version: version, for: $0.peer)))
            },
            apply(.put),
            apply(.post),
        ]
    }

    private var end: Route {
        Route(
            method: .post, template: "/v1/agreements/{agreement}/end", summary: "End one agreement now, before its date",
            bodyExample: #"{"reason": "Quyết định 99/QĐ-UBND"}"#,
            statuses: [
                (200, "The version in force"), (403, "You may not change it"), (404, "No such agreement, or you may not see it"),
                (422, "It has ended already"),
            ]
        ) { call in
            guard let document = try? JSONDecoder().decode(EndDocument.self, from: Data(call.body.readableBytesView)) else {
                throw Problem.malformed("the body must be {\"reason\": \"text\"} or {}")
            }
            let id = call.parameters["agreement"] ?? ""
            return Route.Answer(body: jsonBytes(try await broker.endAgreement(id, because: document.reason, by: call.peer)))
        }
    }

    private var rehearse: Route {
        Route(
            method: .post, template: "/v1/agreements/rehearse",
            summary: "What a set of agreements would give and take, against who reads and who read in the last days",
            query: [("days", "how far to look back, 1 to 366; 7 unless said")], bodyExample: #"{"files": {"health.yaml": "agreements: []"}}"#,
            statuses: [
                (200, "What would change"), (400, "Not the JSON that is asked for"), (403, "For operators and auditors"),
                (413, "Too large"), (422, "Not valid; `errors` names file and line"),
            ]
        ) { call in
            guard let days = Int(call.query["days"] ?? "7"), (1...366).contains(days) else {
                throw Problem.malformed("days must be a number from 1 to 366")
            }
            guard let document = try? JSONDecoder().decode(ApplyDocument.self, from: Data(call.body.readableBytesView)) else {
                throw Problem.malformed("the body must be {\"files\": {\"name.yaml\": \"text\"}}")
            }
            return Route.Answer(body: jsonBytes(try await broker.rehearse(document.files, days: days, for: call.peer)))
        }
    }

    private var askEmergency: Route {
        Route(
            method: .post, template: "/v1/emergencies", summary: "Ask for access in an emergency; another person has to confirm it",
            bodyExample: #"{"file": "agreements: …"}"#,
            statuses: [
                (200, "What waits for the second person"), (400, "Not the JSON that is asked for"), (403, "For operators and stewards"),
                (422, "Not valid; `errors` names the line"),
            ]
        ) { call in
            guard let document = try? JSONDecoder().decode(EmergencyDocument.self, from: Data(call.body.readableBytesView)) else {
                throw Problem.malformed("the body must be {\"file\": \"text\"}")
            }
            return Route.Answer(body: jsonBytes(try await broker.askEmergency(document.file, by: call.peer)))
        }
    }

    private var emergencies: Route {
        Route(
            method: .get, template: "/v1/emergencies", summary: "What waits for a second person, of what you asked for or might confirm",
            statuses: [(200, "Each as it was asked for"), (403, "For operators and stewards")]
        ) {
            Route.Answer(body: jsonBytes(try await broker.emergencies(for: $0.peer)))
        }
    }

    private var confirmEmergency: Route {
        Route(
            method: .post, template: "/v1/emergencies/{emergency}/confirm", summary: "Open the access that another person asked for; `file` is what was read",
            bodyExample: #"{"file": "agreements: …"}"#,
            statuses: [
                (200, "The version in force"), (400, "Not the JSON that is asked for"),
                (403, "For another operator or steward than the one who asked, and only what was read"), (404, "Nobody has asked for it"),
                (422, "Not valid any more"),
            ]
        ) { call in
            guard let document = try? JSONDecoder().decode(EmergencyDocument.self, from: Data(call.body.readableBytesView)) else {
                throw Problem.malformed("the body must be {\"file\": \"text\"}")
            }
            let id = call.parameters["emergency"] ?? ""
            return Route.Answer(body: jsonBytes(try await broker.confirmEmergency(id, reading: document.file, by: call.peer)))
        }
    }

    private var holds: [Route] {
        [
            Route(method: .get, template: "/v1/holds", summary: "The legal holds on topics that you may describe", statuses: [(200, "Holds by case")]) {
                Route.Answer(body: jsonBytes(try await broker.holds(for: $0.peer)))
            },
            Route(
                method: .post, template: "/v1/holds", summary: "Let a case hold topics: nothing of them is deleted meanwhile",
                bodyExample: #"{"case": "12/2026/HS-ST", "topics": ["health.vaccination.v1"], "reason": "Công văn 7/VKS"}"#,
                statuses: [
                    (200, "All that the case holds"), (400, "Not the JSON that is asked for"), (403, "For operators, auditors and stewards of the owner"),
                    (404, "No such topic"), (409, "The topic cannot be held"), (422, "Not a case id"),
                ]
            ) { call in
                let wish = try HoldWish(call)
                guard let topics = wish.topics, !topics.isEmpty else { throw HoldWish.malformed }
                return Route.Answer(body: jsonBytes(try await broker.hold(topics, for: wish.caseID, because: wish.reason, by: call.peer)))
            },
            Route(
                method: .post, template: "/v1/holds/release", summary: "Release what a case holds, all of it or some topics",
                bodyExample: #"{"case": "12/2026/HS-ST", "reason": "Bản án 3/2027"}"#,
                statuses: [
                    (200, "All that the case holds still"), (400, "Not the JSON that is asked for"), (403, "For auditors and stewards of the owner"),
                    (404, "The case holds no such topic"), (422, "Not a case id"),
                ]
            ) { call in
                let wish = try HoldWish(call)
                return Route.Answer(body: jsonBytes(try await broker.release(wish.topics, of: wish.caseID, because: wish.reason, by: call.peer)))
            },
        ]
    }

    private var reopenLog: Route {
        Route(
            method: .post, template: "/v1/topics/{topic}/partitions/{partition}/reopen",
            summary: "Close the log of a partition that is not the one that others know, where all agree, and go on as another log",
            bodyExample: #"{"reason": "Biên bản khôi phục 5/2026"}"#,
            statuses: [
                (200, "The closed log and the one that goes on"), (400, "Not the JSON that is asked for"), (403, "For operators"),
                (404, "No such topic or partition"), (409, "It is the log that others know"), (503, "The audit cannot be written"),
            ]
        ) { call in
            let wish = try ReopeningWish(call)
            let number = call.parameters["partition"] ?? ""
            guard let partition = Int32(number) else { throw Problem.notFound(number) }
            return Route.Answer(
                body: jsonBytes(
                    try await broker.reopenLog(of: call.parameters["topic"] ?? "", partition: partition, because: wish.reason, by: call.peer)))
        }
    }

    private var reopenJournal: Route {
        Route(
            method: .post, template: "/v1/journal/reopen",
            summary: "Go on under another name with the journal that is time-stamped, where it is not the one that others know",
            bodyExample: #"{"reason": "Biên bản khôi phục 5/2026"}"#,
            statuses: [
                (200, "The closed journal and the one that goes on"), (400, "Not the JSON that is asked for"), (403, "For operators"),
                (404, "Nothing is time-stamped here"), (409, "It is the journal that others know"), (503, "The audit cannot be written"),
            ]
        ) { call in
            Route.Answer(body: jsonBytes(try await broker.reopenJournal(because: try ReopeningWish(call).reason, by: call.peer)))
        }
    }

    private var explain: Route {
        Route(
            method: .get, template: "/v1/decisions/explain", summary: "Why a node may or may not do something, now or at a time",
            query: ExplanationQuestion.parameters,
            statuses: [
                (200, "The decision, what decided it and whom to ask"), (400, "Not a question"),
                (403, "For operators, auditors, and the stewards of those concerned"),
            ]
        ) { call in
            let question = try ExplanationQuestion(query: call.query)
            return Route.Answer(body: jsonBytes(try await broker.explain(question, for: call.peer)))
        }
    }

    private var quotas: Route {
        Route(
            method: .get, template: "/v1/quotas", summary: "What nodes and agencies may use",
            statuses: [(200, "Quotas by entity"), (403, "Operators only")]
        ) {
            Route.Answer(body: jsonBytes(try await broker.quotas(for: $0.peer)))
        }
    }

    private var alterQuotas: Route {
        Route(
            method: .post, template: "/v1/quotas", summary: "Set and remove quotas of a node, an agency, or every node (entity null)",
            bodyExample: #"{"entity": "health/*", "set": {"consumer_byte_rate": 1000000}, "clear": ["request_rate"]}"#,
            statuses: [
                (200, "Quotas by entity, as they are now"), (400, "Not the JSON that is asked for, or no entity or quota that there is"),
                (403, "Operators only"), (409, "Too many entities have quotas"),
            ]
        ) { call in
            let form = "the body must be {\"entity\": \"agency/*\", \"set\": {\"quota\": number}, \"clear\": [\"quota\"]}"
            guard let document = try? JSONDecoder().decode(QuotaChangeDocument.self, from: Data(call.body.readableBytesView)) else {
                throw Problem.malformed(form)
            }
            var changes: [String: Double?] = (document.set ?? [:]).mapValues { $0 }
            for name in document.clear ?? [] {
                guard changes.updateValue(nil, forKey: name) == nil else { throw Problem.malformed(form) }
            }
            return Route.Answer(body: jsonBytes(try await broker.alterQuotas(of: document.entity, changes, by: call.peer)))
        }
    }

    private var backUp: Route {
        Route(
            method: .post, template: "/v1/backups", summary: "Copy the running broker into its backup directory",
            statuses: [(200, "Where the copy is"), (403, "Operators only"), (409, "One is being made already"), (503, "The disk refuses")]
        ) {
            Route.Answer(body: jsonBytes(try await broker.backUp(by: $0.peer)))
        }
    }

    private func apply(_ method: HTTPRequest.Method) -> Route {
        Route(
            method: method, template: "/v1/agreements", summary: "Replace the whole set of agreements as one version",
            query: [("dry-run", "true: only check, change nothing")], bodyExample: #"{"files": {"health.yaml": "agreements: []"}}"#,
            statuses: [
                (200, "The version in force"), (400, "Not the JSON that is asked for"), (403, "You may not apply agreements"),
                (409, "Another version was applied meanwhile"), (413, "Too large"), (422, "Not valid; `errors` names file and line"),
            ]
        ) { call in
            let dryRun: Bool
            switch call.query["dry-run"] {
            case nil, "false": dryRun = false
            case "true", "": dryRun = true
            case let other?: throw Problem.malformed("dry-run is “\(other)”; it is true or false")
            }
            let document: ApplyDocument
            do {
                document = try JSONDecoder().decode(ApplyDocument.self, from: Data(call.body.readableBytesView))
            } catch {
                throw Problem.malformed("the body must be {\"files\": {\"name.yaml\": \"text\"}}")
            }
            return Route.Answer(body: jsonBytes(try await broker.apply(document.files, dryRun: dryRun, by: call.peer)))
        }
    }
}

extension ReopeningWish {
    fileprivate init(_ call: Route.Call) throws {
        guard let wish = try? JSONDecoder().decode(ReopeningWish.self, from: Data(call.body.readableBytesView)) else {
            throw Problem.malformed("the body must be {\"reason\": \"text\"} or {}")
        }
        self = wish
    }
}

extension HoldWish {
    static let malformed = Problem.malformed("the body must be {\"case\": \"id\", \"topics\": [\"name\"], \"reason\": \"text\"}")
    /// As many as one request names.
    private static let topicsMax = 1_000

    fileprivate init(_ call: Route.Call) throws {
        guard let wish = try? JSONDecoder().decode(HoldWish.self, from: Data(call.body.readableBytesView)), wish.topics?.count ?? 0 <= Self.topicsMax
        else { throw Self.malformed }
        self = wish
    }
}

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
