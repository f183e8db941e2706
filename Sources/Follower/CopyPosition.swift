package import LTX

/// Which state of which log a copy is in, for whoever asks from another process.
package struct CopyPosition: Sendable {
    /// The last TXID in the copy.
    package let txid: TXID
    /// As the follower was given it.
    package let url: String

    /// The position of the copy at `path` by its record, or nil if fantail does not keep it. While a follower is
    /// at work it may be one transaction further already.
    package static func load(_ path: String) -> CopyPosition? {
        guard let record = CopyRecord.load(CopyDirectory(forCopy: path).recordPath),
            let txid = TXID(rawValue: (record.after ?? record.before).txid)
        else { return nil }
        return CopyPosition(txid: txid, url: record.url)
    }
}
