/// Makes schemas and payloads of theirs; the same from the same seed.
struct AvroGenerator {
    private var random: SplitMix64
    private var nameCount = 0
    private var known: [AvroShape] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
    private mutating func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &random) }

    // MARK: Schemas

    mutating func type(depth: Int = 0) -> AvroShape {
        switch Int.random(in: 0..<(depth > 3 ? 8 : 16), using: &random) {
        case 0: return .primitive("null")
        case 1: return .primitive("boolean")
        case 2: return .primitive("int")
        case 3: return .primitive("long")
        case 4: return .primitive("float")
        case 5: return .primitive("double")
        case 6: return .primitive("bytes")
        case 7: return .primitive("string")
        case 8: return .array(type(depth: depth + 1))
        case 9: return .map(type(depth: depth + 1))
        case 10: return add(.fixed(name("F"), count(20)))
        case 11: return add(.enumeration(name("E"), (0...count(80)).map { "s\($0)" }))
        case 12 where !known.isEmpty: return .reference(known.randomElement(using: &random) ?? .primitive("int"))
        case 12, 13: return union(depth: depth)
        default:
            let name = name("R")
            return add(.record(name, (0..<count(6)).map { ("f\($0)", type(depth: depth + 1)) }))
        }
    }

    private mutating func union(depth: Int) -> AvroShape {
        var branches: [AvroShape] = []
        for _ in 0...count(3) {
            let before = known
            let branch = type(depth: depth + 1)
            if case .union = branch.resolved {
                known = before
            } else if branches.contains(where: { $0.branchName == branch.branchName }) {
                known = before
            } else {
                branches.append(branch)
            }
        }
        return branches.isEmpty ? .primitive("string") : .union(branches)
    }

    private mutating func name(_ letter: String) -> String {
        nameCount += 1
        return chance(3) ? "space.\(letter)\(nameCount)" : "\(letter)\(nameCount)"
    }

    private mutating func add(_ shape: AvroShape) -> AvroShape {
        known.append(shape)
        return shape
    }

    // MARK: Payloads

    mutating func payload(of shape: AvroShape) -> [UInt8] {
        switch shape.resolved {
        case .primitive("boolean"): return [chance(2) ? 0 : 1]
        case .primitive("int"): return AvroBytes.long(Int64(Int32.random(in: .min ... .max, using: &random) >> Int32(count(31))))
        case .primitive("long"): return AvroBytes.long(Int64.random(in: .min ... .max, using: &random) >> Int64(count(63)))
        case .primitive("float"): return bytes(4)
        case .primitive("double"): return bytes(8)
        case .primitive("bytes"): return AvroBytes.bytes(bytes(count(20)))
        case .primitive("string"): return AvroBytes.string(string())
        case .primitive: return []
        case .fixed(_, let size): return bytes(size)
        case .enumeration(_, let symbols): return AvroBytes.long(Int64(count(symbols.count - 1)))
        case .array(let items): return blocks { $0.payload(of: items) }
        case .map(let values): return blocks { AvroBytes.string($0.string()) + $0.payload(of: values) }
        case .union(let branches):
            let branch = count(branches.count - 1)
            return AvroBytes.long(Int64(branch)) + payload(of: branches[branch])
        case .record(_, let fields): return fields.flatMap { payload(of: $0.1) }
        case .reference(let shape): return payload(of: shape)
        }
    }

    private mutating func string() -> String {
        let letters = ["a", "B", "/", "~", "Đ", "ấ", "漢", "🙂", "e\u{301}"]
        return (0..<count(12)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    }

    private mutating func blocks(_ item: (inout AvroGenerator) -> [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count(2) {
            let items = (0...count(2)).map { _ in item(&self) }
            let block = items.flatMap { $0 }
            if chance(2) {
                bytes += AvroBytes.long(Int64(items.count)) + block
            } else {
                bytes += AvroBytes.long(Int64(-items.count)) + AvroBytes.long(Int64(block.count)) + block
            }
        }
        return bytes + [0]
    }

    mutating func mutation(of bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...count(2) {
            let place = count(bytes.count)
            switch count(3) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(count(7))
            case 2 where place < bytes.count: bytes.remove(at: place)
            default: bytes.insert([0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0, at: place)
            }
        }
        return bytes
    }
}

/// A schema as the generator knows it.
indirect enum AvroShape {
    case primitive(String)
    case fixed(String, Int)
    case enumeration(String, [String])
    case array(AvroShape)
    case map(AvroShape)
    case union([AvroShape])
    case record(String, [(String, AvroShape)])
    /// To a type that was defined before.
    case reference(AvroShape)

    var resolved: AvroShape {
        if case .reference(let shape) = self { return shape.resolved }
        return self
    }

    var branchName: String {
        switch resolved {
        case .primitive(let name), .fixed(let name, _), .enumeration(let name, _), .record(let name, _): name
        case .array: "array"
        case .map: "map"
        case .union: "union"
        case .reference(let shape): shape.branchName
        }
    }

    /// Each name has its namespace written out, so that it stays in the null namespace where it is to be there.
    var text: String {
        switch self {
        case .primitive(let name): #""\#(name)""#
        case .fixed(let name, let size): #"{"type":"fixed",\#(Self.names(name)),"size":\#(size)}"#
        case .enumeration(let name, let symbols): #"{"type":"enum",\#(Self.names(name)),"symbols":[\#(symbols.map { "\"\($0)\"" }.joined(separator: ","))]}"#
        case .array(let items): #"{"type":"array","items":\#(items.text)}"#
        case .map(let values): #"{"type":"map","values":\#(values.text)}"#
        case .union(let branches): "[" + branches.map(\.text).joined(separator: ",") + "]"
        case .record(let name, let fields):
            #"{"type":"record",\#(Self.names(name)),"fields":[\#(fields.map { #"{"name":"\#($0.0)","type":\#($0.1.text)}"# }.joined(separator: ","))]}"#
        case .reference(let shape): #""\#(shape.branchName)""#
        }
    }

    private static func names(_ name: String) -> String {
        name.contains(".") ? #""name":"\#(name)""# : #""name":"\#(name)","namespace":"""#
    }
}
