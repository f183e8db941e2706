/// A walk over the whole database while it is written to: what a start needs that cannot build on the WAL.
///
/// It goes in steps, between which the capture looks, checkpoints and lets checkpoints through as ever: so no
/// checkpoint of the app waits for longer than a step, however big the database is.
struct DatabaseScan {
    /// What it is for.
    enum Purpose {
        /// To ship the whole database.
        case image(Image)
        /// To find out which pages differ from the log.
        case difference
    }

    let purpose: Purpose
    /// Whether a page is what the log has for it.
    private let isKnown: (UInt32, [UInt8]) throws -> Bool
    /// The page that comes next.
    private(set) var next: UInt32 = 1
    /// Pages that were set aside.
    private(set) var changedCount = 0

    init(_ purpose: Purpose, isKnown: @escaping (UInt32, [UInt8]) throws -> Bool) {
        self.purpose = purpose
        self.isKnown = isKnown
    }

    /// Pages in a step: some milliseconds of reading.
    private static let stepPageCount: UInt32 = 512

    /// Goes on by some pages; true when all have been seen.
    mutating func step(_ capture: Capture) throws(PrimaryError) -> Bool {
        let end = min(capture.pageCount, next + Self.stepPageCount - 1)
        guard next <= end else { return true }
        var changed = 0
        try capture.scan(next...end) { page, bytes in
            if try isKnown(page, bytes) { return false }
            changed += 1
            return true
        }
        changedCount += changed
        next = end + 1
        return next > capture.pageCount
    }
}
