import LTX

/// How the files of a log fit together, from their names and stamps. Pure.
enum LogChecks {
    /// Holes and overlaps within the levels. Snapshots overlap by nature, and one stands for a TXID of its own
    /// where the page size changed.
    static func contiguity(_ catalogue: Catalogue) -> [LogFinding] {
        var findings: [LogFinding] = []
        let snapshots = Set(catalogue[.snapshot].map(\.name.maxTXID))
        for level in Level.all where level != .snapshot {
            let files = catalogue[level]
            // The file that went furthest so far: the next one has to begin right after it.
            var last = files.first
            for file in files.dropFirst() {
                guard let previous = last else { break }
                let expected = previous.name.maxTXID.next
                if file.name.minTXID == expected.next, snapshots.contains(expected) {
                    // Bridged.
                } else if file.name.minTXID > expected {
                    findings.append(
                        .hole(level, first: expected, last: file.name.minTXID.previous ?? .first))
                } else if file.name.minTXID < expected {
                    findings.append(.overlap(previous, file))
                }
                if file.name.maxTXID > previous.name.maxTXID { last = file }
            }
        }
        return findings
    }

    /// Whether stamps that speak of the same TXID agree, across all levels.
    static func stamps(_ stamped: [(file: LogFile, stamp: LTXStamp)]) -> [LogFinding] {
        var findings: [LogFinding] = []
        var states: [TXID: (file: LogFile, checksum: Checksum)] = [:]
        for (file, stamp) in stamped {
            let txid = file.name.maxTXID
            if let known = states[txid] {
                if known.checksum != stamp.after { findings.append(.fork(txid, known.file, file)) }
            } else {
                states[txid] = (file, stamp.after)
            }
        }
        for (file, stamp) in stamped {
            guard let before = stamp.before, let previous = file.name.minTXID.previous, let known = states[previous],
                known.checksum != before
            else { continue }
            findings.append(
                .file(file, .discontinuous(file.name.minTXID, state: known.checksum, expects: before)))
        }
        return findings
    }
}
