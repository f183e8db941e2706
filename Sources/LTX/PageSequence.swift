/// The pages of one file, in the order in which they must come: the rules that encoder and decoder share.
struct PageSequence: Sendable {
    private let commit: UInt32
    private let lockPage: PageNumber
    private var last: PageNumber?
    private var firstGap: PageNumber?
    /// How many pages came.
    private(set) var count = 0

    init(pageSize: PageSize, commit: UInt32) {
        self.commit = commit
        lockPage = pageSize.lockPage
    }

    /// Takes the next page.
    ///
    /// Errors: `.pageOrder`, `.pageBeyondCommit` or `.lockPage`; the sequence is then as before.
    mutating func accept(_ page: PageNumber) throws(LTXError) {
        if let last, page <= last { throw .pageOrder(page, after: last) }
        guard page.rawValue <= commit else { throw .pageBeyondCommit(page, commit: commit) }
        guard page != lockPage else { throw .lockPage(page) }
        if firstGap == nil, page != expected { firstGap = expected }
        last = page
        count += 1
    }

    /// Throws `.missingPage` unless every page of the database came.
    func requireAll() throws(LTXError) {
        if let firstGap { throw .missingPage(firstGap) }
        if expected.rawValue <= commit { throw .missingPage(expected) }
    }

    /// The page that follows the last one in a file that leaves none out.
    private var expected: PageNumber {
        guard let last else { return .first }
        // The last page is at most `commit`, and a commit of 2^32 - 1 is refused: no overflow.
        let next = PageNumber(rawValue: last.rawValue + 1)!
        return next == lockPage ? PageNumber(rawValue: next.rawValue + 1)! : next
    }
}
