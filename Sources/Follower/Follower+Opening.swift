import Dispatch
import Files
import LTX
import Logging
import Replica

/// Getting a copy to go on with.
extension Follower {
    /// The copy that is there, made right where it is if need be, or a new one restored from the log.
    func open(_ effort: inout Effort) async throws(FollowerError) -> CopyBox {
        let copy = try await openAny(effort)
        effort.opened()
        return copy
    }

    private func openAny(_ effort: Effort) async throws(FollowerError) -> CopyBox {
        guard try await onThread({ [path] in try File.exists(path) }) else { return try await create(effort.damage) }
        let record = CopyRecord.load(meta.recordPath)
        if !effort.isRebuilding, let record, record.url == url {
            do throws(FollowerError) { return try await openCopy(record) } catch {
                guard error.reaction == .rebase else { throw error }
                // A file that fantail did not make may well be there by mistake: then it is not touched.
                if try await mayReplace() { logger.warning("the copy is not what it was", metadata: ["error": "\(error)"]) }
            }
        } else if let record, record.url != url {
            logger.warning("this was a copy from another log", metadata: ["log": "\(record.url)"])
        }
        guard try await mayReplace() else { throw .notOurs(path: path) }
        do throws(FollowerError) { return try await rebuild(effort.damage, from: record) } catch {
            guard case .copyUnusable = error else { throw error }
            logger.warning("replacing the copy", metadata: ["reason": "\(error)"])
            return try await create(effort.damage)
        }
    }

    private func mayReplace() async throws(FollowerError) -> Bool {
        if options.force { return true }
        return try await onThread { [meta, path] in try meta.owns(path) }
    }

    private func openCopy(_ record: CopyRecord) async throws(FollowerError) -> CopyBox {
        try await onThread { [path, meta] in
            guard let pageSize = PageSize(record.pageSize) else { throw FollowerError.copyChanged(path: path) }
            let stage = try PageStage(path: meta.stagePath, pageSize: pageSize)
            return CopyBox(try Copy(path: path, meta, record), stage)
        }
    }

    /// Restores a new copy from the log.
    private func create(_ damage: LogDamage) async throws(FollowerError) -> CopyBox {
        status.cold()
        let state: DatabaseState
        do {
            let progress = RestoreProgressLog(logger)
            let restore = Restore(replica, replacing: meta.newPath, without: damage, progress: progress.update)
            guard let restored = try await restore.run() else {
                preconditionFailure("BUG: a restore that keeps what it shall replace")
            }
            state = restored
        } catch { throw .restore(error) }
        let new = NewCopy(directory: meta, url: url, state: state)
        let copy = try await onThread { [path, meta] in
            CopyBox(try new.publish(as: path), try PageStage(path: meta.stagePath, pageSize: state.pageSize))
        }
        logger.notice("restored the copy", metadata: ["txid.max": "\(state.position.txid)"])
        return copy
    }

    /// Makes the copy that is there the head of the log, by the pages that differ and in one transaction:
    /// readers go on reading, and nobody ever sees half of it.
    private func rebuild(_ damage: LogDamage, from record: CopyRecord?) async throws(FollowerError) -> CopyBox {
        do {
            var reader = try await replica.openState(leavingOut: damage.keys)
            // Without the damaged files there may be nothing to gain.
            if let error = damage.error, let record, record.url == url,
                reader.header.name.maxTXID.rawValue <= (record.after ?? record.before).txid
            { throw error }
            let pageSize = reader.header.pageSize
            let copy = try await onThread { [path, meta, url] in
                let stage = try PageStage(path: meta.stagePath, pageSize: pageSize)
                return CopyBox(try Copy(rebuilding: path, meta, url: url, pageSize: pageSize), stage)
            }
            while let batch = try await reader.next() {
                try Task.checkCancellation()
                try await onThread { try copy.stageDifference(batch) }
            }
            guard let state = reader.state else { preconditionFailure("BUG: no state at the end") }
            try await commit(CopyRecord.Entry(state), copy)
            logger.notice("made the copy right again", metadata: ["txid.max": "\(state.position.txid)"])
            return copy
        } catch {
            // A plan that fails for want of a damaged file says less than what is wrong with that.
            if let cause = damage.error, asFollowerError(error).logError != nil { throw .replica(cause) }
            throw asFollowerError(error)
        }
    }

    /// Locks are let go on the thread that took them.
    func close(_ copy: CopyBox) { thread.async { copy.close() } }
}
