package import LTX

/// A state of a database, as its log describes it.
package struct DatabaseState: Hashable, Sendable {
    /// The TXID that leads to it, and the checksum of its pages.
    package let position: Position
    /// Who wrote the last file of it; nil for another program than Fantail.
    package let epoch: Epoch?
    /// Of all its pages.
    package let pageSize: PageSize
    /// The size of the database, in pages.
    package let commit: UInt32

    /// When the last file of it was captured, in milliseconds since 1970.
    package let timestampMilliseconds: Int64

    /// The state with these properties.
    package init(
        position: Position, epoch: Epoch?, pageSize: PageSize, commit: UInt32, timestampMilliseconds: Int64
    ) {
        self.position = position
        self.epoch = epoch
        self.pageSize = pageSize
        self.commit = commit
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// The size of the database, in bytes.
    package var byteCount: Int64 { Int64(commit) * Int64(pageSize.byteCount) }
}
