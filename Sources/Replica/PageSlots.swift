/// Where in a scratch file each staged page is, in slots of one page.
///
/// Pages come in the order of their arrival, for 8 bytes of memory each; or, for a whole database, each stands
/// where it is in the database, for one bit each.
struct PageSlots {
    private var arrivals: [UInt32: UInt32] = [:]
    private var nextSlot: UInt32 = 0
    /// By page number, if pages stand as in the database.
    private var members: [UInt64]?
    private var memberCount = 0

    /// Whether there is no page.
    var isEmpty: Bool { arrivals.isEmpty && memberCount == 0 }

    /// In ascending order.
    var pages: [UInt32] {
        guard let members else { return arrivals.keys.sorted() }
        var pages: [UInt32] = []
        pages.reserveCapacity(memberCount)
        for (index, word) in members.enumerated() {
            var rest = word
            while rest != 0 {
                pages.append(UInt32(index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return pages
    }

    /// The slot of a page; nil if it is not there.
    subscript(page: UInt32) -> UInt32? {
        guard let members else { return arrivals[page] }
        let word = Int(page / 64)
        return word < members.count && members[word] & Self.bit(page) != 0 ? page : nil
    }

    /// The slot of a page, a new one if it has none.
    mutating func take(_ page: UInt32) -> UInt32 {
        if let slot = self[page] { return slot }
        if members != nil {
            let missing = Int(page / 64) + 1 - members!.count
            if missing > 0 { members!.append(contentsOf: repeatElement(0, count: missing)) }
            members![Int(page / 64)] |= Self.bit(page)
            memberCount += 1
            return page
        }
        defer { nextSlot += 1 }
        arrivals[page] = nextSlot
        return nextSlot
    }

    /// Forgets a page, if it is there.
    mutating func remove(_ page: UInt32) {
        guard self[page] != nil else { return }
        if members != nil {
            members![Int(page / 64)] &= ~Self.bit(page)
            memberCount -= 1
        } else {
            arrivals[page] = nil
        }
    }

    /// Forgets the pages past `pageCount`.
    mutating func truncate(to pageCount: UInt32) {
        if members != nil {
            for page in pages.reversed() {
                if page <= pageCount { break }
                remove(page)
            }
        } else {
            arrivals = arrivals.filter { $0.key <= pageCount }
        }
    }

    /// Forgets all pages, and comes back to the order of arrival.
    mutating func removeAll() {
        // A huge transaction must not leave its memory behind for ever.
        arrivals.removeAll(keepingCapacity: arrivals.count < 65536)
        (nextSlot, members, memberCount) = (0, nil, 0)
    }

    /// Has each page stand where it is in the database from now on; there must be none yet.
    mutating func orderAsDatabase() {
        precondition(isEmpty, "BUG: pages in slots of another order")
        members = []
    }

    private static func bit(_ page: UInt32) -> UInt64 { 1 << UInt64(page % 64) }
}
