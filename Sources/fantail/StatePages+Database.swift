import LTX
import Replica
import SQLite

extension StatePages {
    /// Where the database at `path`, its WAL included, first differs from this state; nil if it is the same.
    /// Blocks; readers and writers of the database go on meanwhile.
    func firstDifference(database path: String) throws -> Difference? {
        try WAL(path: path).withSnapshot { header, pageCount, read in
            try firstDifference(pageSize: PageSize(header.pageSize) ?? state.pageSize, commit: pageCount) { page, bytes in
                try read(page.rawValue, &bytes)
            }
        }
    }
}
