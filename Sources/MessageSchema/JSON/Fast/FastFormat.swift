/// Formats in the shape that nearly all texts have; the rest goes to `StringFormat`.
enum FastFormat {
    @inline(__always) static func matches(_ format: StringFormat, _ text: UnsafeRawBufferPointer) -> Bool {
        format.matches(text)
    }
}
