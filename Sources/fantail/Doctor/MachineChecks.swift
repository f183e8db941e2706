import SQLite

/// What follows from what the machine has. Pure.
extension MachineFacts {
    var checks: [Check] {
        var checks = [
            Check.ok("fantail", Fantail.version), sqliteCheck, curlCheck, openSSLCheck, .ok("liblz4", lz4), openFilesCheck,
        ]
        if let inotify { checks.append(inotify.check) }
        return checks
    }

    private var sqliteCheck: Check {
        let name = "SQLite"
        guard sqliteIsThreadSafe, sqliteHasWAL else {
            let lack = sqliteHasWAL ? "threads" : "WAL mode"
            return .failure(name, "\(sqlite), built without \(lack)", "install the distribution's: apt-get install libsqlite3-0")
        }
        guard sqlite >= Self.oldestSQLite else {
            return .failure(name, "\(sqlite) is too old", "install \(Self.oldestSQLite) or later: apt-get install libsqlite3-0")
        }
        guard sqlite.hasWALResetRace else { return .ok(name, "\(sqlite)") }
        return .warning(
            name, "\(sqlite) has the WAL-reset race: two processes that checkpoint and write can lose commits",
            "fantail's own checkpoints keep out of it; an app of several processes wants SQLite 3.51.3 or later, or 3.50.7 "
                + "or 3.44.6 (sqlite.org/wal.html#walreset)")
    }

    /// The first that knows the name sqlite_schema, which is the youngest thing that Fantail asks for.
    private static let oldestSQLite = SQLiteVersion(number: 3_033_000)

    private var curlCheck: Check {
        let detail = curl + (curlProtocols.contains("sftp") ? ", with SFTP" : ", without SFTP")
        guard curlProtocols.contains("https") else {
            return .failure("libcurl", "\(detail), without HTTPS", "install the distribution's: apt-get install libcurl4")
        }
        return .ok("libcurl", detail)
    }

    private var openSSLCheck: Check {
        guard openSSLMajor >= 3 else {
            return .warning("OpenSSL", openSSL, "OpenSSL 1 gets no fixes any more: apt-get install libssl3")
        }
        return .ok("OpenSSL", openSSL)
    }

    private var openFilesCheck: Check {
        let detail = openFileLimit > UInt64(Int32.max) ? "no limit" : "at most \(openFileLimit)"
        guard openFileLimit >= Self.leastOpenFiles else {
            return .warning("open files", detail, "raise it: ulimit -n 1024, or LimitNOFILE=1024 in the systemd unit")
        }
        return .ok("open files", detail)
    }

    /// A primary or follower has about 30 open, with what it reads ahead; this leaves room for the rest.
    private static let leastOpenFiles: UInt64 = 256
}

extension MachineFacts.Inotify {
    var check: Check {
        let detail = "\(maxWatches) watches and \(maxInstances) instances a user"
        guard hasRoom else {
            return .failure(
                "inotify", "\(detail), no instance is left",
                "`fantail replicate` needs one: sysctl fs.inotify.max_user_instances=512")
        }
        // A primary takes one instance and two watches; editors and sync tools take thousands of watches.
        guard maxInstances >= 16, maxWatches >= 1024 else {
            return .warning(
                "inotify", detail,
                "raise them: sysctl fs.inotify.max_user_instances=128 fs.inotify.max_user_watches=8192")
        }
        return .ok("inotify", detail)
    }
}
