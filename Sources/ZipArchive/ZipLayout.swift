/// Little-endian fields, and the records of a zip file by APPNOTE.TXT's section.
enum ZipLayout {
    /// 4.3.7
    static let localHeader: UInt32 = 0x0403_4B50
    static let localHeaderBytes = 30
    /// 4.3.12
    static let directoryHeader: UInt32 = 0x0201_4B50
    static let directoryHeaderBytes = 46
    /// 4.3.16
    static let end: UInt32 = 0x0605_4B50
    static let endBytes = 22
    /// 4.3.14
    static let end64: UInt32 = 0x0606_4B50
    static let end64Bytes = 56
    /// 4.3.15
    static let locator64: UInt32 = 0x0706_4B50
    static let locator64Bytes = 20
    /// 4.5.3: the extra field that holds what does not fit into 32 bits.
    static let extra64: UInt16 = 0x0001

    static let stored: UInt16 = 0
    static let deflated: UInt16 = 8
    /// 4.4.4: encryption; sizes behind the data; names in UTF-8.
    static let encryptedFlag: UInt16 = 1
    static let sizesBehindFlag: UInt16 = 8
    static let utf8Flag: UInt16 = 0x800
    /// 4.4.3: of Unix, by version 2.0; 4.5 where there is ZIP64.
    static let madeBy: UInt16 = 0x031E
    static let version: UInt16 = 20
    static let version64: UInt16 = 45
}

extension [UInt8] {
    mutating func put<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> Value(shift))) }
    }

    /// - Precondition: so many bytes are there.
    func field<Value: FixedWidthInteger & UnsignedInteger>(_ position: Int, as _: Value.Type = Value.self) -> Value {
        (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(self[position + $1]) << Value(8 * $1) }
    }
}
