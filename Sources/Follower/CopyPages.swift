import LTX
import Replica

/// Every page of a copy by its checksum, and all of them together: what proves, before a transaction is made
/// visible, that it leads to the state that the log says.
final class CopyPages {
    /// What a transaction would change, worked out before it is made.
    struct Change {
        /// The checksum of the database after it.
        let total: Checksum
        fileprivate let pageCount: UInt32
        fileprivate let entries: [(page: UInt32, checksum: Checksum)]
    }

    private let table: PageChecksums
    /// The checksum of the database.
    private(set) var total: Checksum

    /// Opens the table at `path`. Whether it belongs to a copy is for `total` to tell.
    init(path: String) throws {
        table = try PageChecksums(path: path)
        total = try table.total()
    }

    /// The checksum of a page, or nil if the copy does not have it.
    subscript(page: UInt32) -> Checksum? {
        get throws { try table[page] }
    }

    /// What staging `pages` would lead to in a database that has `old` pages now and `new` then.
    func change(_ pages: [UInt32], in stage: PageStage, from old: UInt32, to new: UInt32) throws -> Change {
        var total = total
        if new < old {
            try table.forEach(from: new + 1, through: old) { _, checksum in total = total.toggling(checksum) }
        }
        var entries: [(page: UInt32, checksum: Checksum)] = []
        entries.reserveCapacity(pages.count)
        var bytes: [UInt8] = []
        for page in pages {
            try stage.read(page, into: &bytes)
            let checksum = Checksum.page(PageNumber(rawValue: page)!, bytes.span)
            if page <= old, let known = try table[page] { total = total.toggling(known) }
            total = total.toggling(checksum)
            entries.append((page, checksum))
        }
        return Change(total: total, pageCount: new, entries: entries)
    }

    /// Notes that a transaction was made.
    func take(_ change: Change) throws {
        try table.truncate(to: change.pageCount)
        try table.store(change.entries)
        total = change.total
    }

    /// Works the checksums of `pages` out anew from what `read` gives of each, in a database of `pageCount` pages.
    func renew(
        _ pages: some Sequence<UInt32>, pageCount: UInt32, pageSize: PageSize, read: (UInt32, inout [UInt8]) throws -> Void
    ) throws {
        var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
        var run: [(page: UInt32, checksum: Checksum)] = []
        for page in pages where page <= pageCount && page != pageSize.lockPage.rawValue {
            try read(page, &bytes)
            run.append((page, Checksum.page(PageNumber(rawValue: page)!, bytes.span)))
            if run.count == 8192 {
                try table.store(run)
                run.removeAll(keepingCapacity: true)
            }
        }
        try table.store(run)
        try table.truncate(to: pageCount)
        total = try table.total()
    }
}
