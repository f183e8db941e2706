package import Files
package import LTX

/// Pages set aside, the newest content of each, in a scratch file: what a primary has captured for its next LTX
/// file, what a follower has fetched and verified before it touches its copy.
///
/// A file and not memory, so that a transaction of any size fits; a page number and a slot are all that is
/// kept in memory, 8 bytes a page, and for a whole database one bit. Nothing here outlives the process: it can
/// all be had again.
///
/// Handed from one thread to another and back; whoever has it is the only one to touch it, which is what the
/// unchecked conformance stands on.
package final class PageStage: @unchecked Sendable {
    /// Of all pages in it.
    package let pageSize: PageSize
    private let file: File
    private var slots = PageSlots()

    /// Makes an empty stage in the scratch file at `path`, which it empties if there is one.
    package init(path: String, pageSize: PageSize) throws(FileError) {
        self.pageSize = pageSize
        file = try File(path, .readWriteOrCreate, permissions: 0o600)
        try file.truncate(to: 0)
    }

    /// Whether no page is staged.
    package var isEmpty: Bool { slots.isEmpty }
    /// In ascending order, as an LTX file wants them.
    package var pageNumbers: [UInt32] { slots.pages }

    /// Whether the page is staged.
    package func contains(_ page: UInt32) -> Bool { slots[page] != nil }

    /// Makes room for a whole database: until `clear`, pages are kept in its order and cost a bit of memory each.
    package func expectAllPages() { slots.orderAsDatabase() }

    /// Sets a page aside, in place of an older content of it.
    package func put(_ page: UInt32, _ bytes: borrowing [UInt8]) throws(FileError) {
        try file.write(bytes.span, at: Int64(slots.take(page)) * Int64(pageSize.byteCount))
    }

    /// Forgets a page, if it is staged. Its place in the file stays unused until `clear`.
    package func remove(_ page: UInt32) { slots.remove(page) }

    /// Forgets the pages past `pageCount`.
    package func truncate(to pageCount: UInt32) { slots.truncate(to: pageCount) }

    /// Reads a page that was set aside.
    package func read(_ page: UInt32, into bytes: inout [UInt8]) throws(FileError) {
        guard let slot = slots[page] else { preconditionFailure("BUG: page \(page) is not staged") }
        bytes = try file.readExactly(pageSize.byteCount, at: Int64(slot) * Int64(pageSize.byteCount))
    }

    /// Forgets everything and gives the disk space back.
    package func clear() throws(FileError) {
        slots.removeAll()
        try file.truncate(to: 0)
    }
}
