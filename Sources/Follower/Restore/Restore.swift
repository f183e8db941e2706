import Files
package import LTX
package import Replica

/// Makes a database file out of its log: whole and durable under its name, or not at all.
///
/// While the pages of one batch are written, the next are fetched, decompressed and verified. Memory is the
/// same for any size of database but for one bit a page.
package struct Restore: Sendable {
    /// What to do about an output that exists.
    package enum Existing: Hashable, Sendable {
        /// Fail.
        case refuse
        /// Leave it as it is: there is nothing to do.
        case keep
        /// Put the restored database in its place, and take its -wal, -shm and -journal away.
        case replace
    }

    /// How thoroughly SQLite looks at the result before it appears under its name.
    package enum IntegrityCheck: String, Hashable, Sendable, CaseIterable {
        case none, quick, full
    }

    /// How far a restore is, in bytes of LTX files.
    package struct Progress: Hashable, Sendable {
        /// What came, or need not come.
        package let doneByteCount: Int64
        /// All files of the plan.
        package let totalByteCount: Int64
    }

    private let replica: Replica
    private let output: String
    private let target: TXID?
    private let existing: Existing
    private let integrityCheck: IntegrityCheck
    private let damage: LogDamage
    /// Whether the last state that can be had will do, where files are known to be damaged.
    private let isPartial: Bool
    private let progress: @Sendable (Progress) -> Void

    /// A restore of the database at `target` (nil: at the head of the log) to the path `output`.
    /// `progress` is called after every batch of about 1 MiB.
    package init(
        _ replica: Replica, to output: String, target: TXID? = nil, existing: Existing = .refuse,
        integrityCheck: IntegrityCheck = .none, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.replica = replica
        self.output = output
        self.target = target
        self.existing = existing
        self.integrityCheck = integrityCheck
        self.progress = progress
        damage = LogDamage()
        isPartial = false
    }

    /// A restore of the last state that can be had without the files that are known to be damaged.
    init(
        _ replica: Replica, replacing output: String, without damage: LogDamage,
        progress: @escaping @Sendable (Progress) -> Void
    ) {
        self.replica = replica
        self.output = output
        self.damage = damage
        target = nil
        existing = .replace
        isPartial = true
        integrityCheck = .none
        self.progress = progress
    }

    /// Restores, and answers what state it is; nil if the output exists and is to be kept.
    ///
    /// Errors: see `RestoreError`; the output is untouched.
    package func run() async throws(RestoreError) -> DatabaseState? {
        if existing == .keep, try await isThere() { return nil }
        if existing != .replace {
            try await Blocking.run { [output] () throws(RestoreError) in try RestoreFile.requireAbsent(output) }
        }
        let file = try await Blocking.run { [output] () throws(RestoreError) in try RestoreFile(output: output) }
        var attempt = 1
        var damage = damage
        while true {
            do {
                let state = try await fill(file, &damage)
                try await file.check(integrityCheck)
                try await file.publish(as: output, replacing: existing == .replace)
                return state
            } catch .replica(let error) {
                let isWorthIt = error.reaction == .replan || (!isPartial && damage.note(error))
                guard isWorthIt, attempt < Restore.maxAttempts else { throw .replica(damage.error ?? error) }
                attempt += 1
            }
        }
    }

    /// A compaction may delete files between their being listed and read, at most once per level and plan; and
    /// of several files that hold a TXID some may be damaged.
    private static let maxAttempts = 10

    private func isThere() async throws(RestoreError) -> Bool {
        do {
            return try await Blocking.run { [output] () throws(FileError) in try File.exists(output) }
        } catch {
            throw .file(error)
        }
    }

    /// Writes the pages of the state into the file, which is not synced yet.
    private func fill(_ file: RestoreFile, _ damage: inout LogDamage) async throws(RestoreError) -> DatabaseState {
        do {
            var reader = try await replica.openState(target ?? (damage.keys.isEmpty ? nil : damage.goal), leavingOut: damage.keys)
            // Without a damaged file the head is another one; what was asked for is not.
            if !isPartial, damage.keys.isEmpty { damage.goal = reader.header.name.maxTXID }
            let byteCount = Int64(reader.header.commit) * Int64(reader.header.pageSize.byteCount)
            try await file.resize(to: byteCount)

            var batch = try await reader.next()
            while let current = batch {
                if Task.isCancelled { throw RestoreError.cancelled }
                async let written = file.write(current)
                batch = try await reader.next()
                try await written.get()
                progress(Progress(doneByteCount: reader.doneByteCount, totalByteCount: reader.totalByteCount))
            }
            guard let state = reader.state else { preconditionFailure("BUG: no state at the end") }
            return state
        } catch {
            throw RestoreError(error)
        }
    }
}
