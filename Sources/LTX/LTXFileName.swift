/// The name of an LTX file: the range of TXIDs in it, `<min>-<max>.ltx`, 16 lower-case hex digits each.
package struct LTXFileName: Hashable, Sendable {
    /// The first TXID in the file.
    package let minTXID: TXID
    /// The last TXID in the file: the state that it leads to.
    package let maxTXID: TXID

    /// The name of a file that holds `minTXID` to `maxTXID`. A backward range is our own bug.
    package init(minTXID: TXID, maxTXID: TXID) {
        precondition(minTXID <= maxTXID, "BUG: LTX range runs backwards")
        self.minTXID = minTXID
        self.maxTXID = maxTXID
    }

    /// The name of the level-0 file of one TXID.
    package init(_ txid: TXID) { self.init(minTXID: txid, maxTXID: txid) }

    /// The range that a file's name spells, or nil for a name that is not an LTX file's (a `.tmp`,
    /// upper case, a README): such files are ignored wherever a log is listed.
    package init?(parsing name: some StringProtocol) {
        guard name.utf8.count == 37, name.hasSuffix(".ltx"), name.lowercased() == name else { return nil }
        let parts = name.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let min = TXID(hex: parts[0]), let max = TXID(hex: parts[1]), min <= max
        else { return nil }
        self.init(minTXID: min, maxTXID: max)
    }
}

extension LTXFileName: CustomStringConvertible {
    /// The name as it stands in a directory.
    package var description: String { "\(minTXID)-\(maxTXID).ltx" }
}
