// How LTX files hold numbers: big-endian, or as unsigned LEB128 varints in the page index.

extension Span<UInt8> {
    /// The big-endian number whose bytes begin at `offset`. Reading past the end traps: callers have checked.
    func bigEndian<Number: FixedWidthInteger>(at offset: Int, as: Number.Type = Number.self) -> Number {
        var value: Number = 0
        for index in offset..<offset + Number.bitWidth / 8 { value = value << 8 | Number(self[index]) }
        return value
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Appends `value` as an unsigned LEB128 varint: seven bits a byte, lowest first, bit 7 set on all but the last.
    ///
    /// Source: https://pkg.go.dev/encoding/binary#AppendUvarint
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
