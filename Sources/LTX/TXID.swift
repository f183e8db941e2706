/// The number of one LTX file's transaction range end: starts at 1, grows by 1 per level-0 file.
///
/// Shape: 64 bits, neither zero nor all ones; written as 16 lower-case hex digits in names, logs and bookmarks.
/// One TXID holds every SQLite commit captured since the one before it.
package struct TXID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    /// The TXID with this number, or nil for zero, which no file may carry, and for all ones, so that
    /// every TXID that comes from outside has a next one.
    package init?(rawValue: UInt64) {
        guard rawValue != 0, rawValue != .max else { return nil }
        self.init(unchecked: rawValue)
    }

    private init(unchecked rawValue: UInt64) { self.rawValue = rawValue }

    /// The TXID that 16 hex digits of either case spell, or nil for anything else.
    package init?(hex: some StringProtocol) {
        guard let value = Hex.parse(hex) else { return nil }
        self.init(rawValue: value)
    }

    /// The first TXID of a log.
    package static let first = TXID(rawValue: 1)!

    /// The TXID that follows. A log of 2^64 files cannot be, so running out is our own bug.
    package var next: TXID {
        precondition(rawValue != .max, "BUG: TXID overflow")
        return TXID(unchecked: rawValue + 1)
    }

    /// The TXID before this one, or nil before the first.
    package var previous: TXID? { TXID(rawValue: rawValue - 1) }

    package static func < (a: TXID, b: TXID) -> Bool { a.rawValue < b.rawValue }
}

extension TXID: CustomStringConvertible {
    /// Sixteen lower-case hex digits.
    package var description: String { Hex.string(rawValue) }
}
