/// Fixed-width hexadecimal, as file names and bookmarks want it.
package enum Hex {
    /// A 64-bit number as 16 lower-case hex digits.
    package static func string(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The number that exactly 16 hex digits spell, else nil. Signs and separators are refused,
    /// which `UInt64(_:radix:)` alone would let through.
    package static func parse(_ text: some StringProtocol) -> UInt64? {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ isDigit($0) }) else { return nil }
        return UInt64(text, radix: 16)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
