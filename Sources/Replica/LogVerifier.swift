import LTX

/// Reads a log whole, every file of every level, and reports what is wrong with it.
package struct LogVerifier: Sendable {
    /// What the walk came upon.
    package struct Report: Sendable {
        /// How many files were read to their end.
        package fileprivate(set) var fileCount = 0
        /// How many pages those files hold.
        package fileprivate(set) var pageCount = 0
        /// The size of those files, in bytes.
        package fileprivate(set) var byteCount: Int64 = 0
        /// The state at the head; nil if it cannot be restored.
        package fileprivate(set) var state: DatabaseState?
        /// In the order of the levels; empty for a sound log.
        package fileprivate(set) var findings: [LogFinding] = []
    }

    private let replica: Replica

    /// A verifier of this log.
    package init(_ replica: Replica) { self.replica = replica }

    /// Walks the log: each file's checksum, header and pages, then how they fit together, then the head.
    /// A file that is compacted away meanwhile is no finding.
    ///
    /// Errors: `.store` if the log cannot be read; whatever is wrong with its content is a finding.
    package func run() async throws(ReplicaError) -> Report {
        let catalogue = try await replica.catalogue()
        var report = Report()
        var stamped: [(file: LogFile, stamp: LTXStamp)] = []
        for file in catalogue.files {
            do {
                if let stamp = try await read(file, &report) { stamped.append((file, stamp)) }
            } catch .vanished {
                continue
            } catch {
                try note(.file(file, error), error, in: &report)
            }
        }
        report.findings += LogChecks.contiguity(catalogue) + LogChecks.stamps(stamped)
        do {
            report.state = try await StatePages.load(replica).state
        } catch {
            try note(.unrestorable(error), error, in: &report)
        }
        return report
    }

    /// Reads a file to its end, and answers its stamp.
    ///
    /// Errors: as `LogReader`; `.wrongState` if it holds the whole database and that is not what its stamp says.
    private func read(_ file: LogFile, _ report: inout Report) async throws(ReplicaError) -> LTXStamp? {
        var reader = try await replica.open(file)
        let header = reader.header
        var page: [UInt8] = []
        var pageCount = 0
        var checksum = Checksum.empty
        while let number = try await reader.next(into: &page) {
            checksum = checksum.toggling(.page(number, page.span))
            pageCount += 1
        }
        report.fileCount += 1
        report.pageCount += pageCount
        report.byteCount += reader.byteCount
        if let stamp = header.stamp, pageCount == header.snapshotPageCount, checksum != stamp.after {
            throw .wrongState(header.name.maxTXID, computed: checksum, stamped: stamp.after)
        }
        return header.stamp
    }

    /// Puts a finding down, but throws an error that says nothing about the log's content.
    private func note(_ finding: LogFinding, _ error: ReplicaError, in report: inout Report) throws(ReplicaError) {
        if case .store = error { throw error }
        report.findings.append(finding)
    }
}
