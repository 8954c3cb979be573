/// A pattern as the fast walk matches it.
enum FastPattern {
    case general(Pattern)

    init(_ pattern: Pattern) { self = .general(pattern) }

    @inline(__always) func search(in text: UnsafeRawBufferPointer) -> PatternVerdict {
        switch self {
        case .general(let pattern): pattern.search(in: text)
        }
    }
}
