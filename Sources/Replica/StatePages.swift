package import LTX

/// What every page of a state is, by checksum: enough to compare a copy with a log without a second copy.
///
/// Memory: 8 bytes a page.
package struct StatePages: Sendable {
    /// The state whose pages these are.
    package let state: DatabaseState
    /// By page number less one; zero for the lock page.
    private let checksums: [UInt64]

    /// Where a copy first differs from the log.
    package enum Difference: Hashable, Sendable {
        case pageSize(log: PageSize, copy: PageSize)
        /// Sizes in pages.
        case commit(log: UInt32, copy: UInt32)
        case page(PageNumber)
    }

    /// Reads the pages of the state at `target` (nil: at the head) from the log.
    ///
    /// Errors: as `Replica.openState` and `StateReader.next`.
    package static func load(_ replica: Replica, target: TXID? = nil) async throws(ReplicaError) -> StatePages {
        var reader = try await replica.openState(target)
        var checksums = [UInt64](repeating: 0, count: Int(reader.header.commit))
        while let batch = try await reader.next() {
            for page in batch.pages { checksums[Int(page.number.rawValue) - 1] = page.checksum.rawValue }
        }
        guard let state = reader.state else { preconditionFailure("BUG: no state at the end") }
        return StatePages(state: state, checksums: checksums)
    }

    /// Compares a copy of `commit` pages with the state, page by page; nil if they are the same.
    ///
    /// `read` fills the buffer, one page long, with the page of that number. It is not asked for the lock page.
    package func firstDifference<Failure: Error>(
        pageSize: PageSize, commit: UInt32, read: (PageNumber, inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Difference? {
        guard pageSize == state.pageSize else { return .pageSize(log: state.pageSize, copy: pageSize) }
        guard commit == state.commit else { return .commit(log: state.commit, copy: commit) }
        var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
        for (index, checksum) in checksums.enumerated() {
            let page = PageNumber(rawValue: UInt32(index) + 1)!
            guard page != pageSize.lockPage else { continue }
            try read(page, &bytes)
            guard Checksum.page(page, bytes.span).rawValue == checksum else { return .page(page) }
        }
        return nil
    }
}

extension StatePages.Difference: CustomStringConvertible {
    /// One sentence that says what differs.
    package var description: String {
        switch self {
        case .pageSize(let log, let copy):
            "the copy has pages of \(copy.byteCount) bytes, the log of \(log.byteCount)"
        case .commit(let log, let copy): "the copy has \(copy) pages, the log \(log)"
        case .page(let page): "page \(page) differs"
        }
    }
}
