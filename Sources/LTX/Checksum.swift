/// A CRC-64/GO-ISO with bit 63 always set, so that none is ever zero.
///
/// One page's checksum is the CRC of its number (4 bytes, big-endian) and its bytes; a database's is
/// the XOR of its pages' without that bit, then the bit set again.
package struct Checksum: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt64

    /// Bit 63, which marks a checksum as present.
    package static let flag: UInt64 = 1 << 63

    /// The checksum with these bits; bit 63 is set whatever was given.
    package init(rawValue: UInt64) { self.rawValue = rawValue | Checksum.flag }

    /// The checksum of a database without pages.
    package static let empty = Checksum(rawValue: 0)

    /// This database checksum with one page's checksum put in, or taken out again (XOR is its own inverse).
    package func toggling(_ page: Checksum) -> Checksum { Checksum(rawValue: rawValue ^ page.rawValue) }
}

extension Checksum: CustomStringConvertible {
    /// Sixteen lower-case hex digits.
    package var description: String { Hex.string(rawValue) }
}

extension Checksum {
    /// The checksum of one page, whose number it covers, so that equal pages in other places differ.
    package static func page(_ number: PageNumber, _ bytes: Span<UInt8>) -> Checksum {
        var crc = CRC64()
        // An inline array keeps the heap out of a call made per page.
        let prefix: [4 of UInt8] = [
            UInt8(truncatingIfNeeded: number.rawValue >> 24), UInt8(truncatingIfNeeded: number.rawValue >> 16),
            UInt8(truncatingIfNeeded: number.rawValue >> 8), UInt8(truncatingIfNeeded: number.rawValue),
        ]
        crc.update(prefix.span)
        crc.update(bytes)
        return Checksum(rawValue: crc.value)
    }
}
