/// Follows the messages of a schema and rules together. A list of work, not recursion.
///
/// A file may declare many messages, and a payload says which it is. The rules are compiled for each message in which all their paths are
/// found; a payload of another is withheld.
struct ProtobufPlanBuilder {
    private struct Place: Hashable {
        let message: Int32
        let state: RuleState
        let isHidden: Bool
        let onlyYear: Bool
    }

    private let program: ProtobufProgram
    private let rules: RuleSet
    private var plan: ProtobufPlan
    private var problems: ProjectionProblems
    private var places: [Place] = []
    private var paths: [[String]] = []
    private var nodeOf: [Place: Int32] = [:]
    private var undescribed: Set<String> = []

    struct Result {
        var plan: ProtobufPlan
        var undescribed: [String]
    }

    /// Places of a payload that are told apart, for all messages of the file.
    private static let placesMax = 10_000

    static func build(_ program: ProtobufProgram, _ rules: RuleSet) throws(ProjectionError) -> Result {
        var roots: [Int32] = []
        func collect(_ found: [WireProgram.Root]) {
            for root in found where !program.wire.messages[Int(root.message)].isMapEntry {
                roots.append(root.message)
                collect(root.nested)
            }
        }
        collect(program.wire.roots)
        var merged = Result(plan: ProtobufPlan(roots: Array(repeating: -1, count: program.wire.messages.count)), undescribed: [])
        var closest: (count: Int, error: ProjectionError)?
        var placesLeft = placesMax
        for root in roots {
            var builder = ProtobufPlanBuilder(program, rules)
            try builder.build(root, placesMax: placesLeft)
            placesLeft -= builder.places.count
            do throws(ProjectionError) {
                try builder.problems.judge()
                merged.append(builder.plan, root: root)
                merged.undescribed = Array(Set(merged.undescribed).union(builder.undescribed)).sorted()
            } catch {
                // Where all paths are found, what is wrong with them is what the steward wants to know.
                if builder.problems.areAllReached { throw error }
                if closest == nil || error.problems.count < closest?.count ?? 0 { closest = (error.problems.count, error) }
            }
        }
        guard merged.plan.roots.contains(where: { $0 >= 0 }) else {
            throw closest?.error ?? ProjectionError("the schema declares no message, only what others import")
        }
        return merged
    }

    private init(_ program: ProtobufProgram, _ rules: RuleSet) {
        self.program = program
        self.rules = rules
        plan = ProtobufPlan(roots: [])
        problems = ProjectionProblems(rules)
    }

    private mutating func build(_ root: Int32, placesMax: Int) throws(ProjectionError) {
        _ = node(Place(message: root, state: rules.start, isHidden: !rules.restrictsFields, onlyYear: false), at: [])
        var done = 0
        while done < places.count {
            guard done < placesMax else { throw ProjectionError(ProjectionProblems.tooManyPlaces) }
            complete(done)
            done += 1
        }
    }

    private mutating func node(_ place: Place, at path: [String]) -> Int32 {
        if let known = nodeOf[place] { return known }
        let index = Int32(plan.messages.count)
        nodeOf[place] = index
        let count = program.wire.messages[Int(place.message)].fields.count
        plan.messages.append(ProtobufPlan.Message(message: place.message, firstField: Int32(plan.fields.count), isHidden: place.isHidden))
        plan.fields += Array(repeating: ProtobufPlan.Field(), count: count)
        places.append(place)
        paths.append(path)
        return index
    }

    private mutating func complete(_ index: Int) {
        let place = places[index]
        let path = paths[index]
        let message = program.wire.messages[Int(place.message)]
        let declared = program.declaredFields(of: place.message)
        let first = Int(plan.messages[index].firstField)
        for (position, wire) in message.fields.enumerated() {
            let field = program.wire.fields[wire]
            let name = program.wire.fieldNames[wire]
            if place.onlyYear {
                plan.fields[first + position].treatment = name == "year" ? .copy : .drop
                continue
            }
            plan.fields[first + position] = message.isMapEntry
                ? entryField(field, name, declared[field.number], place, at: path)
                : self.field(field, name, declared[field.number], place, at: path)
        }
        clearOneofs(of: message, index)
    }

    /// A key, which is shown where the map is, or a value.
    private mutating func entryField(_ field: WireField, _ name: String, _ declared: ProtoField?, _ place: Place, at path: [String]) -> ProtobufPlan.Field {
        guard name == "value" else {
            var key = ProtobufPlan.Field()
            key.treatment = place.isHidden ? .drop : .copy
            return key
        }
        // The entry stands for the map: its state is that of the map's field.
        let state = rules.value(of: place.state)
        problems.entered(state, isField: false)
        return value(field, declared, state, isHidden: place.isHidden, at: path + [FieldPath.any])
    }

    private mutating func field(_ field: WireField, _ name: String, _ declared: ProtoField?, _ place: Place, at path: [String]) -> ProtobufPlan.Field {
        var state = rules.field(name, of: place.state)
        problems.entered(state, isField: true)
        var path = path + [name]
        var isHidden = place.isHidden || state.mask == .drop || !rules.showsSome(inside: state)
        if !isHidden, state.isShown, !state.isNamed, let type = declared?.messageName, Self.undescribed.contains(type) {
            undescribed.insert(path.joined(separator: "."))
            isHidden = true
        }
        if field.isMap {
            judgeContainer(state, at: path, "a map")
            problems.enteredMany(state)
            problems.enteredMap(state)
            var result = ProtobufPlan.Field()
            result.inner = inner(field, state, isHidden: isHidden, onlyYear: false, at: path)
            result.treatment = isHidden ? .drop : .message
            return result
        }
        if field.isRepeated {
            if !state.tests.isEmpty { judgeTests(state, "`where` needs a field that a record has once; this one is repeated") }
            problems.enteredMany(state)
            state = rules.element(of: state)
            problems.entered(state, isField: false)
            path.append(FieldPath.any)
        }
        return value(field, declared, state, isHidden: isHidden, at: path)
    }

    private mutating func value(_ field: WireField, _ declared: ProtoField?, _ state: RuleState, isHidden: Bool, at path: [String]) -> ProtobufPlan.Field {
        var result = ProtobufPlan.Field()
        result.treatment = isHidden ? .drop : .copy
        result.isZigzag = declared?.type == .scalar(.sint64) || declared?.type == .scalar(.sint32)
        result.isUnsigned = [.scalar(.uint64), .scalar(.uint32), .scalar(.fixed64), .scalar(.fixed32)].contains(declared?.type)
        let mask = isHidden || state.mask == .drop ? nil : state.mask
        guard field.kind != .message, field.kind != .group else {
            let type = declared?.messageName
            if !state.tests.isEmpty { judgeTests(state, "`where` compares texts, enums, booleans and integers, which a message is not") }
            if mask == .year, type == "google.protobuf.Timestamp" {
                result.treatment = .mask
                result.mask = .yearTimestamp
            } else {
                let onlyYear = mask == .year && type == "google.type.Date"
                if let mask, !onlyYear { problems.addToMask(mask, at: path, ProjectionProblems.container("a message")) }
                // Named by the rules, it is shown with what nobody describes.
                if let type, Self.undescribed.contains(type), state.isNamed, state.open.isEmpty { return result }
                // In a map's entry: its key stands, with the default of its type.
                if let type, Self.undescribed.contains(type), !state.isNamed || rules.mayMask(inside: state), state.isShown {
                    return ProtobufPlan.Field()
                }
                result.inner = inner(field, state, isHidden: isHidden, onlyYear: onlyYear, at: path)
                if !isHidden { result.treatment = .message }
            }
            return result
        }
        // Part of it would be shown, and it has no parts.
        if !isHidden, !state.isShown { result.treatment = .drop }
        result.tests = FastRange(start: Int32(plan.tests.count), count: Int32(state.tests.count))
        plan.tests += state.tests
        if !state.tests.isEmpty { compare(&result, field, declared, state) }
        guard let mask else { return result }
        if let found = self.mask(mask, declared) {
            result.treatment = .mask
            result.mask = found
        } else {
            problems.addToMask(mask, at: path, "`\(mask.rawValue)` is for \(Self.carriers(of: mask)), which the field is not")
        }
        return result
    }

    /// The place of a field's message; -1 where nothing in it is written or looked at.
    private mutating func inner(_ field: WireField, _ state: RuleState, isHidden: Bool, onlyYear: Bool, at path: [String]) -> Int32 {
        // What is not shown is followed as far as rules lead into it, to find conditions, and fields that are not there.
        if isHidden, state.open.isEmpty { return -1 }
        let place = node(Place(message: field.target, state: state, isHidden: isHidden, onlyYear: onlyYear), at: path)
        return isHidden && !rules.isTested(inside: state) ? -1 : place
    }

    private mutating func compare(_ result: inout ProtobufPlan.Field, _ field: WireField, _ declared: ProtoField?, _ state: RuleState) {
        switch declared?.type {
        case .enumeration(let type)?:
            result.symbols = Int32(plan.symbols.count)
            plan.symbols.append((program.schema.enums[type]?.element.values ?? []).map { ($0.number, Array($0.name.utf8)) })
        case .scalar(.float)?, .scalar(.double)?, .scalar(.bytes)?, nil:
            judgeTests(state, "`where` compares texts, enums, booleans and integers, which the field is not")
        case .scalar?, .named?, .message?, .group?: break
        }
    }

    private func mask(_ mask: FieldRules.Mask, _ declared: ProtoField?) -> ProtobufMask? {
        guard let type = declared?.type else { return nil }
        switch (mask, type) {
        case (.redact, .scalar(.string)): return .redactedText
        case (.redact, .scalar): return .zero
        case (.redact, .enumeration(let name)): return program.schema.enums[name]?.element.values.first.map { .number($0.number) }
        case (.hash, .scalar(.string)): return .hashText
        case (.hash, .scalar(.bytes)): return .hashBytes
        case (.hash, .scalar(.int64)), (.hash, .scalar(.uint64)), (.hash, .scalar(.sint64)), (.hash, .scalar(.fixed64)), (.hash, .scalar(.sfixed64)):
            return .hashInteger
        case (.last4, .scalar(.string)): return .lastFour
        case (.year, .scalar(.string)): return .yearText
        default: return nil
        }
    }

    private static func carriers(of mask: FieldRules.Mask) -> String {
        switch mask {
        case .drop, .redact: "values that have a constant of their type"
        case .hash: "strings, bytes and integers of 64 bits"
        case .last4: "strings"
        case .year: "strings that hold dates, google.protobuf.Timestamp and google.type.Date"
        }
    }

    /// Types that hold whatever their sender put in.
    static let undescribed: Set = ["google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"]

    private mutating func judgeContainer(_ state: RuleState, at path: [String], _ noun: String) {
        if let mask = state.mask, mask != .drop { problems.addToMask(mask, at: path, ProjectionProblems.container(noun)) }
        if !state.tests.isEmpty { judgeTests(state, "`where` compares texts, enums, booleans and integers, which \(noun) is not") }
    }

    private mutating func judgeTests(_ state: RuleState, _ message: String) {
        for (index, rule) in rules.rules.enumerated() {
            if case .condition(let condition) = rule.purpose, state.tests.contains(Int32(condition)) { problems.add(Int32(index), message) }
        }
    }

    // MARK: oneofs

    /// The last member of a oneof on the wire is the one that it has: it undoes what conditions found in the others.
    private mutating func clearOneofs(of message: WireMessage, _ index: Int) {
        let place = places[index]
        let first = Int(plan.messages[index].firstField)
        for (position, wire) in message.fields.enumerated() where program.wire.fields[wire].oneof >= 0 {
            for (other, wireOfOther) in message.fields.enumerated() where other != position && program.wire.fields[wireOfOther].oneof == program.wire.fields[wire].oneof {
                let name = program.wire.fieldNames[wireOfOther]
                for placeOfRule in place.state.open {
                    let rule = rules.rules[Int(placeOfRule.rule)]
                    if case .condition(let condition) = rule.purpose, rule.path.names[Int(placeOfRule.next)] == name {
                        plan.fields[first + position].clears |= 1 << UInt64(condition)
                    }
                }
            }
        }
    }
}

extension ProtobufPlanBuilder.Result {
    /// Puts the plan of one message of the file behind those of others.
    fileprivate mutating func append(_ other: ProtobufPlan, root: Int32) {
        let messages = Int32(plan.messages.count)
        let fields = Int32(plan.fields.count)
        let tests = Int32(plan.tests.count)
        let symbols = Int32(plan.symbols.count)
        plan.roots[Int(root)] = messages
        plan.messages += other.messages.map { message in
            var message = message
            message.firstField += fields
            return message
        }
        plan.fields += other.fields.map { field in
            var field = field
            if field.inner >= 0 { field.inner += messages }
            if field.symbols >= 0 { field.symbols += symbols }
            field.tests.start += tests
            return field
        }
        plan.tests += other.tests
        plan.symbols += other.symbols
    }
}

extension ProtobufProgram {
    /// By number.
    func declaredFields(of message: Int32) -> [Int32: ProtoField] {
        let name = wire.messageNames[Int(message)]
        var fields: [Int32: ProtoField] = [:]
        for field in schema.messages[name]?.element.fields ?? [] { fields[field.number] = field }
        for (number, name) in schema.extensionNames[name] ?? [:] { fields[number] = schema.extensions[name]?.element }
        return fields
    }
}
