/// The WAL-index's record of which page each frame holds, with the hash tables that find a page's frame.
///
/// Shape: region 0 begins with 136 bytes of headers, then 4062 page numbers; each later region begins with
/// 4096 page numbers. A hash table of 8192 16-bit slots fills the rest of each.
/// Source: https://www.sqlite.org/walformat.html#the_wal_index_hash_tables
extension WAL {
    private static let headerByteCount = 136
    private static let framesPerRegion: UInt32 = 4096
    private static let framesInFirstRegion: UInt32 = 4096 - 136 / 4
    private static let slotCount = 8192
    private static let hashOffset = 4096 * 4

    /// A region's page numbers and hash slots, and the frame before its first.
    @safe private struct Table {
        let pages: UnsafeMutablePointer<UInt32>
        let slots: UnsafeMutablePointer<UInt16>
        let frameBefore: UInt32
        let frameCount: UInt32
    }

    private func table(holding frame: UInt32, extend: Bool) throws(SQLiteError) -> Table {
        let number = frame <= Self.framesInFirstRegion
            ? 0 : 1 + (frame - Self.framesInFirstRegion - 1) / Self.framesPerRegion
        guard let base = try unsafe region(Int(number), extend: extend) else {
            throw .unreadableIndex(path: path)
        }
        let slots = unsafe (base + Self.hashOffset).assumingMemoryBound(to: UInt16.self)
        if number == 0 {
            return unsafe Table(
                pages: (base + Self.headerByteCount).assumingMemoryBound(to: UInt32.self), slots: slots,
                frameBefore: 0, frameCount: Self.framesInFirstRegion)
        }
        return unsafe Table(
            pages: base.assumingMemoryBound(to: UInt32.self), slots: slots,
            frameBefore: Self.framesInFirstRegion + (number - 1) * Self.framesPerRegion,
            frameCount: Self.framesPerRegion)
    }

    /// Calls `body` with each frame of a range and the page it holds, in order.
    ///
    /// The frames must be committed (not past a `header` that was read before) and the WAL kept from a
    /// restart by a lock; then nobody changes these entries.
    package func forEachPage(
        in frames: ClosedRange<UInt32>, _ body: (_ frame: UInt32, _ pageNumber: UInt32) -> Void
    ) throws(SQLiteError) {
        var frame = frames.lowerBound
        while frame <= frames.upperBound {
            let table = try table(holding: frame, extend: false)
            let last = min(frames.upperBound, table.frameBefore + table.frameCount)
            for number in frame...last {
                body(number, unsafe table.pages[Int(number - table.frameBefore - 1)])
            }
            frame = last + 1
        }
    }

    /// Notes that `frame` holds `pageNumber`, as whoever appends frames must before the header names them.
    ///
    /// Only for the holder of the write lock, frame by frame. Leftovers of a writer that died before it
    /// published are cleared on the way.
    package func noteFrame(_ frame: UInt32, pageNumber: UInt32) throws(SQLiteError) {
        let table = try table(holding: frame, extend: true)
        let entry = frame - table.frameBefore
        if entry == 1 {
            unsafe table.pages.update(repeating: 0, count: Int(table.frameCount))
            unsafe table.slots.update(repeating: 0, count: Self.slotCount)
        } else if unsafe table.pages[Int(entry - 1)] != 0 {
            forget(from: entry, in: table)
        }
        var slot = Int(pageNumber &* 383) & (Self.slotCount - 1)
        // At most half of the slots are in use, so an empty one comes soon; a full table means foul memory.
        var probes = 0
        while unsafe table.slots[slot] != 0 {
            slot = (slot + 1) & (Self.slotCount - 1)
            probes += 1
            guard probes < Self.slotCount else { throw .unreadableIndex(path: path) }
        }
        unsafe table.pages[Int(entry - 1)] = pageNumber
        unsafe table.slots[slot] = UInt16(entry)
    }

    private func forget(from entry: UInt32, in table: Table) {
        for slot in 0..<Self.slotCount where unsafe UInt32(table.slots[slot]) >= entry {
            unsafe table.slots[slot] = 0
        }
        unsafe (table.pages + Int(entry - 1)).update(repeating: 0, count: Int(table.frameCount - entry + 1))
    }
}
