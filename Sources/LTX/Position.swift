/// A state of the database in its log: the last transaction in it and the checksum of all its pages.
package struct Position: Hashable, Sendable {
    /// The last TXID in it.
    package let txid: TXID
    /// The XOR of the checksums of all pages but the lock page.
    package let checksum: Checksum

    /// The state after `txid`, whose pages have `checksum`.
    package init(txid: TXID, checksum: Checksum) {
        self.txid = txid
        self.checksum = checksum
    }
}

/// The term of one owner of a log: a number that only grows, even where a log was wiped.
///
/// Shape: max(previous + 1, seconds since 1970) when a primary begins a log, takes one over or finds
/// its database replaced. Zero in the header of a file means that another program wrote it.
package struct Epoch: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    /// The epoch with this number, or nil for zero.
    package init?(rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The epoch that begins at `secondsSince1970`, after `previous` if there was one.
    package init(after previous: Epoch?, secondsSince1970: UInt64) {
        rawValue = max((previous?.rawValue ?? 0) &+ 1, secondsSince1970, 1)
    }

    package static func < (a: Epoch, b: Epoch) -> Bool { a.rawValue < b.rawValue }
}

extension Epoch: CustomStringConvertible {
    /// Sixteen lower-case hex digits.
    package var description: String { Hex.string(rawValue) }
}

/// A tier of the log: 0 as captured, 1 to 8 compacted, 9 snapshots.
package struct Level: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: Int

    /// The level with this number, or nil outside 0 to 9.
    package init?(rawValue: Int) {
        guard (0...9).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Files as the primary captured them, one TXID each.
    package static let captured = Level(rawValue: 0)!
    /// Whole databases, each from TXID 1.
    package static let snapshot = Level(rawValue: 9)!
    /// All ten, from 0 up.
    package static let all = (0...9).map { Level(rawValue: $0)! }

    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
}
