import AccessPolicy
import ArgumentParser
import Foundation
import Sentences

/// The decisions alone, without a broker.
struct BenchPolicy: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "policy", abstract: Help.Command.benchPolicy.spoken, discussion: Help.Command.benchPolicyMore.spoken)
    }

    @Option(help: .saying(Help.Option.benchCaseMilliseconds))
    var milliseconds = 500

    @OptionGroup var options: CommonOptions

    private static let topicCount = 50

    func validate() throws {
        guard milliseconds > 0 else { throw ValidationError(Help.Usage.benchMillisecondsRange) }
    }

    func run() throws {
        var report = Report(columns: [
            .init("kind", .columnName), .init("agreements", .columnAgreements), .init("nanosecondsPerDecision", .columnDecisionNanoseconds),
        ])
        let reader = try NodeIdentity(authority: "city", agency: "education", unit: "schools", node: "le-loi")
        for count in [10, 200, AgreementsLimits.agreementsMax] {
            let policy = try PolicySnapshot(compiling: try Self.agreements(count), version: 1, refusing: [])
            for (name, question) in Self.questions {
                report.add([.string(name), .integer(Int64(count)), .number(measure(policy, question, reader))])
            }
        }
        report.write(as: options.output, in: options.language)
    }

    /// A topic is one of those of which each kind of question is asked, or nobody's.
    private static let questions: [(String, @Sendable (String) -> AccessQuestion)] = [
        ("publish", { .publish(topic: "t.\($0)") }),
        ("subscribe", { .subscribe(topic: "t.\($0)") }),
        ("subscribe, purpose implied", { .subscribe(topic: "purpose.\($0)") }),
        ("subscribe, three restricted rules", { .subscribe(topic: "restricted.\($0)") }),
        ("subscribe, handed on", { .subscribe(topic: "given.\($0)") }),
        ("refused", { .subscribe(topic: "nobody.\($0)") }),
    ]

    private static func agreements(_ count: Int) throws -> [Agreement] {
        let (node, everyone) = (try NodePattern("education/schools/*"), try NodePattern("*/*/*"))
        let office = try NodePattern("education/office/*")
        let names = FieldGrant(allow: ["name", "ward"], mask: ["name": .redact])
        return try (0..<count).map { index in
            let topic = index / 5 % topicCount
            var delegates: String?
            let parties: [PartyRule]
            let name: String
            switch index % 5 {
            case 0:
                name = "t.\(topic)"
                parties = [PartyRule(node: node, may: [.publish, .subscribe])]
            case 1:
                name = "purpose.\(topic)"
                parties = [PartyRule(node: node, may: [.subscribe], purposes: ["care"])]
            case 2:
                name = "given.\(topic)"
                parties = [PartyRule(node: office, may: [.subscribe], isDelegable: true)]
            case 3:
                name = "given.\(topic)"
                delegates = "A\(index - 1)"
                parties = [PartyRule(node: node, may: [.subscribe])]
            default:
                name = "restricted.\(topic)"
                parties = ["x", "y", "z"].map { PartyRule(node: node, may: [.subscribe], fields: names, rows: ["ward": [$0]]) }
            }
            let others = delegates == nil ? (0..<4).map { _ in PartyRule(node: everyone, may: [.describe]) } : []
            return Agreement(
                id: "A\(index)", topic: try TopicPattern(index % 7 == 0 ? "\(name)*" : name), owner: delegates == nil ? "health" : "education",
                parties: parties + others, delegates: delegates)
        }
    }

    /// CPU nanoseconds of a decision: of as many passes as the time allows the median.
    private func measure(_ policy: PolicySnapshot, _ question: (String) -> AccessQuestion, _ identity: NodeIdentity) -> Double {
        let questions = (0..<1_000).map { question("\($0 % Self.topicCount)") }
        var passes: [Double] = []
        var allowed = 0
        let end = clock() + Int(milliseconds) * 1_000
        repeat {
            let start = clock()
            for question in questions where policy.decide(question, for: identity, at: 0).isAllowed { allowed += 1 }
            passes.append(Double(clock() - start) * 1_000 / Double(questions.count))
        } while clock() < end
        // What nobody looks at might not be worked out.
        precondition(allowed >= 0)
        return passes.sorted()[passes.count / 2]
    }
}
